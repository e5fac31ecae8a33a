internal import Catalogue
internal import Foundation
internal import JSON
internal import Support
internal import Torch

/// The folder of one part's fixtures.
struct FixtureFolder {
  /// The most that the tensors of one case may take, in bytes.
  static let caseLimit = 64 * 1024
  /// The most that all files of a package may take, in bytes.
  static let totalLimit = 8 * 1024 * 1024

  let kind: Kind
  let part: String
  let url: URL

  init(_ kind: Kind, _ part: String, in fixtures: URL) {
    self.kind = kind
    self.part = part
    url = fixtures.appendingPathComponent(Self.name(kind, part))
  }

  /// The name of a part's folder; characters that are special to file systems are escaped.
  static func name(_ kind: Kind, _ part: String) -> String {
    let plain = CharacterSet(
      charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
    let escaped = part.addingPercentEncoding(withAllowedCharacters: plain) ?? part
    return "\(kind.rawValue)-\(escaped)"
  }

  /// The file of a case.
  func file(_ name: String) -> URL { url.appendingPathComponent("\(name).safetensors") }

  /// What waits for review under the name of a case.
  func waiting(_ name: String) -> URL { url.appendingPathComponent("\(name).new") }

  /// The names of all files, sorted; none if there is no folder.
  var fileNames: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
  }

  /// The cases that wait for review.
  var waitingNames: [String] {
    fileNames.filter { $0.hasSuffix(".new") }.map { String($0.dropLast(4)) }
  }

  /// The manifest, or nil if there is none.
  ///
  /// - Throws: `KitError` that names the file.
  func manifest() throws -> FixtureManifest? {
    let file = url.appendingPathComponent(FixtureManifest.fileName)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    do {
      let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
      guard size <= Self.totalLimit else { throw KitError("it has \(size) bytes") }
      return try FixtureManifest(parsing: Array(Data(contentsOf: file)), kind: kind, part: part)
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

  /// The tensors of a case as its entry says they are.
  ///
  /// - Throws: `KitError` when the file is not what the entry describes.
  func read(_ entry: FixtureEntry) throws -> SafetensorsFile {
    do {
      let file = try SafetensorsFile(contentsOf: self.file(entry.name).path, limit: Self.caseLimit)
      guard
        try FixtureHash.content(file.tensors, allowsNaN: entry.nonFinite) == entry.contentHash
      else { throw KitError("its tensors do not have the contentHash of the manifest") }
      guard file.tensors.values.reduce(0, { $0 + $1.bytes.count }) == entry.bytes else {
        throw KitError("its tensors do not take the bytes that the manifest says")
      }
      guard file.metadata == metadata(entry) else {
        throw KitError("its header does not say what the manifest says")
      }
      return file
    } catch let error as SafetensorsError {
      throw KitError("\(url.lastPathComponent)/\(entry.name): \(error.message)")
    } catch {
      throw KitError("\(url.lastPathComponent)/\(entry.name): \(error)")
    }
  }

  /// What the header of a case says, in the form in which values are recorded elsewhere, too.
  func metadata(_ entry: FixtureEntry) -> [String: String] {
    var texts = [
      "kind": kind.rawValue, "part": part, "class": entry.origin.rawValue,
      "config": (try? entry.recipe["config"]?.text(.canonical)) ?? "{}",
    ]
    for key in FixtureFolder.recordedKeys {
      if let text = entry.recipe[key]?.string { texts[key] = text }
    }
    return texts
  }

  /// What a recorded header may say of its origin.
  static let recordedKeys = ["note", "seed", "source", "torch"]
}
