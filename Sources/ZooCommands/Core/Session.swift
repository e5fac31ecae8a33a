internal import Conformance
internal import Foundation

/// What a command works with: whose parts, where it writes, and which program it is.
struct Session: Sendable {
  /// The session of the command that runs.
  @TaskLocal static var current = Session(kit: Kit(), console: .standard, executable: nil)

  /// The parts, laws and definitions.
  let kit: Kit
  /// Where results, errors and progress go.
  let console: Console
  /// The program that can be started again to judge cells; nil if this process must do it.
  let executable: URL?
  /// The current folder; nil where it does not matter, in tests.
  var folder: URL?
  /// The signals that stop a command early.
  var interruption = Interruption(listens: false)

  /// The name of this program.
  var toolName: String { executable?.lastPathComponent ?? "zoo" }

  /// What runs this program from the folder of its package.
  var command: String { "swift run \(toolName)" }

  /// The kit.
  ///
  /// - Throws: `KitError` if it could not be put together.
  static func usableKit() throws -> Kit {
    if let problem = current.kit.problem { throw problem }
    return current.kit
  }

  /// The kit, for a command on files of its package.
  ///
  /// - Throws: `KitError` if it could not be put together; `CommandFailure` if the current folder
  ///   is in another package than the one from which this program was built.
  static func packageKit() throws -> Kit {
    try current.requirePackage()
    return try usableKit()
  }

  /// The package of the current folder, if this program was built from another one.
  var otherPackage: URL? {
    guard let folder, let found = Kit.root(above: folder.appendingPathComponent("any").path),
      found.resolvingSymlinksInPath().path != kit.root.resolvingSymlinksInPath().path
    else { return nil }
    return found
  }

  /// Refuses to mix the files of two packages.
  func requirePackage() throws(CommandFailure) {
    guard let otherPackage else { return }
    throw CommandFailure(
      "this \(toolName) was built from \(kit.root.path), but the current folder is in "
        + "\(otherPackage.path): run it from its own package, or build it in this one")
  }

  /// The file of this process' program.
  static var ownExecutable: URL? {
    let link = "/proc/self/exe"
    if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link) {
      return URL(fileURLWithPath: path)
    }
    return Bundle.main.executableURL
  }
}

extension Kit {
  /// A file by a name that a user gave, relative to the current folder, or else a file of the
  /// package.
  func file(_ given: String?, default name: String) -> URL {
    given.map { URL(fileURLWithPath: $0) } ?? root.appendingPathComponent(name)
  }

  /// A path relative to the package, or to the current folder, if it is inside one of them.
  func shortened(_ path: String) -> String {
    for folder in [root.path, FileManager.default.currentDirectoryPath]
    where path.hasPrefix(folder + "/") {
      return String(path.dropFirst(folder.count + 1))
    }
    return path
  }
}
