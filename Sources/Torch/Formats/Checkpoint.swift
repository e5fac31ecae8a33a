internal import Support

/// The tensors of a checkpoint by key: those of one safetensors file, or of the shards of an index.
///
/// Opening it reads the headers only. Each tensor is read from disk when it is asked for.
public struct Checkpoint: Sendable {
  /// The file or the folder, as it was given.
  public let path: String
  /// The texts that the files hold besides their tensors.
  public let metadata: [String: String]
  private var places: [String: Place] = [:]

  private struct Place {
    let file: SafetensorsReader
    let item: SafetensorsHeader.Item
  }

  /// A change of the beginnings of keys.
  public struct Renaming: Sendable, Hashable {
    /// The beginning of the keys that change.
    public let prefix: String
    /// What stands in its place.
    public let replacement: String

    /// Makes a change; without a replacement, the prefix is cut off.
    public init(_ prefix: String, to replacement: String = "") {
      self.prefix = prefix
      self.replacement = replacement
    }
  }

  /// Opens a checkpoint.
  ///
  /// - Parameter path: A safetensors file; an index (`*.index.json`, as Hugging Face writes it) with
  ///   its shards beside it, which may also be given by its name without `.index.json`; or a folder
  ///   that holds one or the other.
  /// - Throws: `SafetensorsError` for a file that is missing or wrong, and for an index and shards that
  ///   disagree.
  public init(contentsOf path: String) throws(SafetensorsError) {
    self.path = path
    let file = try isFolder(path) ? CheckpointIndex.file(inFolder: path) : path
    let isIndex = file.hasSuffix(".json")
    guard isIndex || !fileExists(file) && fileExists(file + CheckpointIndex.suffix) else {
      let reader = try SafetensorsReader(file)
      metadata = reader.header.metadata
      add(reader)
      return
    }
    let index = try CheckpointIndex(contentsOf: isIndex ? file : file + CheckpointIndex.suffix)
    let shards = try index.shards()
    metadata = shards.reduce(into: [:]) { all, shard in
      all.merge(shard.header.metadata) { first, _ in first }
    }
    for shard in shards { add(shard) }
  }

  private mutating func add(_ file: SafetensorsReader) {
    for item in file.header.items { places[item.name] = Place(file: file, item: item) }
  }

  /// The keys, sorted.
  public var keys: [String] { places.keys.sorted() }

  /// The shape of a tensor; nil if there is no such key.
  public func shape(of key: String) -> [Int]? { places[key]?.item.shape }

  /// The file that holds a tensor; nil if there is no such key.
  public func file(of key: String) -> String? { places[key]?.file.path }

  /// Reads a tensor.
  ///
  /// - Throws: `SafetensorsError` with the nearest key if there is no such tensor.
  public func tensor(_ key: String) throws -> Tensor {
    guard let place = places[key] else {
      throw SafetensorsError(
        file: path, tensor: key, message: "there is no such tensor\(suggestion(key, keys))")
    }
    return try Tensor(place.file.entry(place.item))
  }

  /// Reads all tensors.
  public func tensors() throws -> [String: Tensor] {
    try places.mapValues { try Tensor($0.file.entry($0.item)) }
  }

  /// The same tensors with other beginnings of their keys; the first change that fits a key is made.
  ///
  /// - Throws: `SafetensorsError` for a prefix that no key has, and for two tensors with one key.
  public func renamed(_ changes: [Renaming]) throws(SafetensorsError) -> Checkpoint {
    for change in changes where !places.keys.contains(where: { $0.hasPrefix(change.prefix) }) {
      let first = keys.first.map { "; the first key is \(quoted($0))" } ?? ""
      throw SafetensorsError(
        file: path, message: "no key begins with \(quoted(change.prefix))\(first)")
    }
    var renamed = self
    renamed.places = [:]
    var old: [String: String] = [:]
    for key in keys {
      let change = changes.first { key.hasPrefix($0.prefix) }
      let name = change.map { $0.replacement + key.dropFirst($0.prefix.count) } ?? key
      if let other = old.updateValue(key, forKey: name) {
        throw SafetensorsError(
          file: path,
          message: "the keys \(quoted(other)) and \(quoted(key)) would both become \(quoted(name))")
      }
      renamed.places[name] = places[key]
    }
    return renamed
  }
}
