internal import Foundation
internal import JSON
internal import Oracles
internal import Parts
internal import Properties
internal import Torch

/// The sources of an oracle, whose hash shows when it changes.
struct OracleSource {
  /// The files, relative to the package.
  let files: [String]
  /// The hash of all of them.
  let hash: String

  /// Reads the sources of an oracle and of those that its options name.
  ///
  /// - Parameter packages: where an oracle of another package may be.
  /// - Throws: `KitError` for an oracle or file that does not exist or cannot be read.
  init(_ definition: Definition, in book: OracleBook, packages: [URL]) throws {
    var stream = XXH3Stream()
    var files: [String] = []
    for name in [definition.oracle] + Self.inner(definition.options, book) {
      let oracle = try book.oracle(name)
      for file in [oracle.file] + oracle.supportingFiles where !files.contains(file) {
        let data = try Self.read(file, of: oracle, packages)
        files.append(file)
        stream.update("\(file)\n\(data.count)\n")
        stream.update(Array(data))
      }
    }
    self.files = files
    hash = stream.hash128.description
  }

  /// The oracles inside, such as the attention of a dispatch.
  private static func inner(_ options: JSON, _ book: OracleBook) -> [String] {
    guard let object = options.object else { return [] }
    var names: [String] = []
    for key in object.keys.sorted() {
      guard let group = object[key], group.object != nil else { continue }
      if let name = group["name"]?.string, book.contains(name) { names.append(name) }
      names += inner(group, book)
    }
    return names
  }

  private static func read(_ file: String, of oracle: Oracle, _ packages: [URL]) throws -> Data {
    // The zoo's own oracles are in this package, wherever it is checked out.
    let isOurs = Oracles.all.contains { $0.name == oracle.name && $0.file == oracle.file }
    let folders = isOurs ? [Kit.root(above: #filePath)].compactMap { $0 } : packages
    for folder in folders {
      let source = folder.appendingPathComponent(file)
      if let reason = FixtureFolder.obstacle(source.path) {
        throw KitError(
          "the source of the oracle \(oracle.name), \(source.path), cannot be read: \(reason)")
      }
      // A checkout may have changed the line ends.
      if let data = try? Data(contentsOf: source) { return Data(data.withUnixLineEnds) }
    }
    throw KitError(
      "the source of the oracle \(oracle.name), \(file), is not in "
        + (folders.isEmpty ? "any package" : folders.map(\.path).joined(separator: " or ")))
  }
}

extension Data {
  /// The bytes with each CR LF replaced by LF.
  fileprivate var withUnixLineEnds: [UInt8] {
    let bytes = [UInt8](self)
    return bytes.indices.filter { index in
      !(bytes[index] == UInt8(ascii: "\r") && index + 1 < bytes.count
        && bytes[index + 1] == UInt8(ascii: "\n"))
    }.map { bytes[$0] }
  }
}
