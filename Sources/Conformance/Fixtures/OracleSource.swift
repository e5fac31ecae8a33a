internal import Foundation
internal import JSON
internal import Oracles
internal import Parts
internal import Properties
internal import Torch

/// The sources of a definition, by which a change of it is noticed.
struct OracleSource {
  /// The files, relative to the package.
  let files: [String]
  /// The hash of all of them.
  let hash: String

  /// Reads the sources of a definition and of those that its options name.
  ///
  /// - Parameter packages: where a definition of another package may lie.
  /// - Throws: `KitError` for a definition or file that is not there.
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

  /// The definitions inside, such as the attention of a dispatch.
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
    // The zoo's own definitions lie beside this file, wherever the package is checked out.
    let isOurs = Oracles.all.contains { $0.name == oracle.name && $0.file == oracle.file }
    let folders = isOurs ? [Kit.root(above: #filePath)].compactMap { $0 } : packages
    for folder in folders {
      if let data = try? Data(contentsOf: folder.appendingPathComponent(file)) { return data }
    }
    throw KitError(
      "the source of the definition \(oracle.name), \(file), is not in "
        + (folders.isEmpty ? "any package" : folders.map(\.path).joined(separator: " nor in ")))
  }
}
