internal import Codegen
internal import Conformance
internal import Foundation
internal import Reporting

/// A copy of the package with all its faults in it, built once.
struct FaultBuild {
  /// The program in the copy.
  let executable: URL
  /// The root of the copy.
  let folder: URL

  /// The folder of the package that holds the copy.
  static let scratch = ".build-faults"

  /// Brings the copy up to date and builds it.
  ///
  /// - Throws: `CommandFailure` when it cannot be built, with a line for each entry that does not
  ///   compile.
  init(_ session: Session, _ book: FaultBook) async throws {
    guard let own = session.executable else {
      throw CommandFailure("faults need a program that can be built again")
    }
    let name = own.lastPathComponent
    folder = book.root.appendingPathComponent("\(Self.scratch)/package")
    session.console.note(
      "building \(name) with \(book.rows.count) faults in \(Self.scratch)")
    try PackageCopy(of: book.root, at: folder).update(book.folded.mapValues(\.text))
    let build = try await ChildProcess(
      "swift", ["build", "--product", name, "-Xswiftc", "-suppress-warnings"], folder: folder
    ).collect(within: .seconds(3600))
    guard build.ending == .exited(0) else {
      throw CommandFailure(
        .commandFailed,
        lines: try Self.problems(in: build.output, folder, book) ?? [
          build.output + build.errors,
          "the copy with faults cannot be built: swift build \(build.ending.phrase)",
        ])
    }
    executable = folder.appendingPathComponent(".build/debug/\(name)")
  }

  /// The errors of the compiler as problems of the entries they lie in; nil if none does.
  private static func problems(in output: String, _ folder: URL, _ book: FaultBook) throws
    -> [String]?
  {
    let error = /(.+):(\d+):\d+: error: (.+)/
    var found: [String] = []
    for line in output.split(separator: "\n") {
      guard let match = line.wholeMatch(of: error), match.1.hasPrefix(folder.path + "/"),
        let number = Int(match.2),
        let entry = book.folded[String(match.1.dropFirst(folder.path.count + 1))]?
          .entry(atLine: number)
      else { continue }
      let text =
        "\(entry.path):\(entry.line):1: error: `\(entry.name)` does not compile: \(match.3)"
      if !found.contains(text) { found.append(text) }
    }
    return found.isEmpty ? nil : found
  }
}

/// A package's files in another folder, touched only where they differ, so that a build is short.
private struct PackageCopy {
  let source: URL
  let target: URL
  private let files = FileManager.default

  init(of source: URL, at target: URL) {
    self.source = source
    self.target = target
  }

  /// Brings the copy up to date.
  ///
  /// - Parameter texts: the files, by path, that hold something else in the copy.
  func update(_ texts: [String: String]) throws {
    try files.createDirectory(at: target, withIntermediateDirectories: true)
    let wanted = try paths(in: source)
    for path in Set(try paths(in: target)).subtracting(wanted) {
      try files.removeItem(at: target.appendingPathComponent(path))
    }
    for path in wanted {
      let original = source.appendingPathComponent(path)
      let data =
        if let text = texts[path] { Data(text.utf8) } else if path == "Package.swift" {
          try manifest(original)
        } else { try Data(contentsOf: original) }
      let place = target.appendingPathComponent(path)
      if (try? Data(contentsOf: place)) == data { continue }
      try files.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: place)
      // Scripts stay executable.
      if let mode = try files.attributesOfItem(atPath: original.path)[.posixPermissions] {
        try files.setAttributes([.posixPermissions: mode], ofItemAtPath: place.path)
      }
    }
    // libtorch is not copied.
    let torch = target.appendingPathComponent(".torch").path
    if (try? files.destinationOfSymbolicLink(atPath: torch)) == nil {
      try files.createSymbolicLink(
        atPath: torch, withDestinationPath: source.appendingPathComponent(".torch").path)
    }
  }

  /// The files of a package, without those of tools.
  private func paths(in folder: URL) throws -> [String] {
    var found: [String] = []
    func visit(_ path: String) throws {
      let here = path.isEmpty ? folder : folder.appendingPathComponent(path)
      for name in try files.contentsOfDirectory(atPath: here.path)
      where !name.hasPrefix(".") || name == ".swiftpm" {
        let inner = path.isEmpty ? name : "\(path)/\(name)"
        var isFolder: ObjCBool = false
        let full = folder.appendingPathComponent(inner).path
        guard files.fileExists(atPath: full, isDirectory: &isFolder) else { continue }
        if isFolder.boolValue { try visit(inner) } else { found.append(inner) }
      }
    }
    try visit("")
    return found
  }

  /// The manifest, with the packages beside this one where they are.
  private func manifest(_ file: URL) throws -> Data {
    let text = try String(contentsOf: file, encoding: .utf8)
    let moved = text.replacing(/path:\s*"(\.\.[^"]*)"/) { match in
      let place = URL(fileURLWithPath: String(match.1), relativeTo: source).standardizedFileURL
      return "path: \"\(place.path)\""
    }
    return Data(moved.utf8)
  }
}
