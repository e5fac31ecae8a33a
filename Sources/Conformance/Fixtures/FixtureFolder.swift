internal import Catalogue
internal import Foundation
internal import JSON
internal import Reporting
internal import Support
internal import Torch

/// The folder of one part's fixtures.
struct FixtureFolder {
  /// The largest size of the tensors of one case, in bytes.
  static let caseLimit = 64 * 1024
  /// The largest size of all files of a package, in bytes.
  static let totalLimit = 12 * 1024 * 1024

  let kind: Kind
  let part: String
  let url: URL

  init(_ kind: Kind, _ part: String, in fixtures: URL) {
    self.kind = kind
    self.part = part
    url = fixtures.appendingPathComponent(Self.name(kind, part))
  }

  /// The name of a part's folder, with characters that are special to file systems escaped.
  static func name(_ kind: Kind, _ part: String) -> String {
    let plain = CharacterSet(
      charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
    let escaped = part.addingPercentEncoding(withAllowedCharacters: plain) ?? part
    return "\(kind.rawValue)-\(escaped)"
  }

  /// The file of a case.
  func file(_ name: String) -> URL { url.appendingPathComponent("\(name).safetensors") }

  /// The file that waits for review under the name of a case.
  func waiting(_ name: String) -> URL { url.appendingPathComponent("\(name).new") }

  /// A file of the folder, relative to the package.
  func path(_ file: String) -> String {
    "\(url.deletingLastPathComponent().lastPathComponent)/\(url.lastPathComponent)/\(file)"
  }

  /// Why a file cannot be read; nil if it can, or does not exist.
  static func obstacle(_ path: String) -> String? {
    access(path, R_OK) == 0 || errno == ENOENT ? nil : String(cString: strerror(errno))
  }

  /// Throws if the folder or its manifest cannot be read, which would look as if nothing were stored.
  func requireReadable() throws(FixtureRefusal) {
    for file in [".", FixtureManifest.fileName] {
      let path = url.appendingPathComponent(file).path
      guard let reason = Self.obstacle(file == "." ? "\(url.path)/." : path) else { continue }
      throw FixtureRefusal(
        .commandFailed, "\(file == "." ? url.path : path) cannot be read: \(reason)")
    }
  }

  /// The names of all files, sorted; none if there is no folder.
  var fileNames: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
  }

  /// The cases that wait for review.
  var waitingNames: [String] {
    fileNames.filter { $0.hasSuffix(".new") }.map { String($0.dropLast(4)) }
  }

  /// The manifest; nil if it does not exist.
  ///
  /// - Throws: `KitError` with the name of the file.
  func manifest() throws -> FixtureManifest? {
    let file = url.appendingPathComponent(FixtureManifest.fileName)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    do {
      let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
      guard size <= Self.totalLimit else {
        throw KitError("\(size) bytes are more than the limit of \(Self.totalLimit)")
      }
      let bytes = Array(try Data(contentsOf: file))
      guard !SafetensorsError.isGitLFSPointer(bytes) else {
        throw KitError(SafetensorsError.gitLFSPointer)
      }
      return try FixtureManifest(parsing: bytes, kind: kind, part: part)
    } catch {
      throw KitError("\(url.lastPathComponent)/\(FixtureManifest.fileName): \(error)")
    }
  }

  /// Writes the manifest, whole or not at all.
  func write(_ manifest: FixtureManifest) throws {
    try writeFile(
      url.appendingPathComponent(FixtureManifest.fileName).path, manifest.text(),
      makingFolders: true)
  }

  func create() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  /// The tensors of a case, checked against its entry.
  ///
  /// - Throws: `KitError` if the file is not what the entry describes.
  func read(_ entry: FixtureEntry) throws -> SafetensorsFile {
    do {
      let file = try SafetensorsFile(contentsOf: self.file(entry.name).path, limit: Self.caseLimit)
      guard
        try FixtureHash.content(file.tensors, allowsNaN: entry.nonFinite) == entry.contentHash
      else { throw KitError("its tensors do not have the contentHash of the manifest") }
      guard file.tensors.values.reduce(0, { $0 + $1.bytes.count }) == entry.bytes else {
        throw KitError("its tensors do not have the size in the manifest")
      }
      guard file.metadata == metadata(entry) else {
        throw KitError("its header does not match the manifest")
      }
      return file
    } catch let error as SafetensorsError {
      throw KitError("\(url.lastPathComponent)/\(entry.name): \(error.message)")
    } catch {
      throw KitError("\(url.lastPathComponent)/\(entry.name): \(error)")
    }
  }

  /// The header of a case, in the form of cases that are recorded elsewhere.
  func metadata(_ entry: FixtureEntry) -> [String: String] {
    var texts = [
      "kind": kind.rawValue, "part": part, "class": entry.origin.rawValue,
      "config": (try? entry.recipe["config"]?.text(.canonical)) ?? "{}",
    ]
    if entry.nonFinite { texts["nonFinite"] = "true" }
    for key in FixtureFolder.recordedKeys {
      if let text = entry.recipe[key]?.string { texts[key] = text }
    }
    return texts
  }

  /// The keys of a recorded header about its origin.
  static let recordedKeys = ["note", "seed", "source", "torch"]
}
