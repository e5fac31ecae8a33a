internal import JSON
internal import Support

/// The file that says which shard of a checkpoint holds which tensor, as Hugging Face writes it.
struct CheckpointIndex {
  static let suffix = ".index.json"

  private let path: String
  /// The name of the file that holds each tensor; it lies beside the index.
  private let fileNames: [String: String]

  /// Reads an index.
  ///
  /// - Throws: `SafetensorsError` if it is missing or wrong, or names a file in another folder.
  init(contentsOf path: String) throws(SafetensorsError) {
    func error(_ message: String) -> SafetensorsError {
      SafetensorsError(file: path, message: message)
    }
    let json: JSON
    do {
      let file = try FileReader(path)
      guard file.size <= SafetensorsHeader.lengthLimit else {
        throw error("it has \(file.size) bytes: this is not an index")
      }
      let bytes = try file.read(file.size, at: 0)
      guard !SafetensorsError.isGitLFSPointer(bytes) else {
        throw error(SafetensorsError.gitLFSPointer)
      }
      json = try JSON(parsing: bytes)
    } catch {
      throw SafetensorsError(file: path, error)
    }
    guard let object = json.object else {
      throw error("expected an object with `weight_map`, got \(json.kindName)")
    }
    guard let value = object["weight_map"] else {
      throw error("`weight_map` is missing\(suggestion("weight_map", object.keys))")
    }
    guard let map = value.object else {
      throw error("`weight_map` must be an object, got \(value.kindName)")
    }
    var names: [String: String] = [:]
    for (key, value) in map {
      guard let name = value.string else {
        throw error("`weight_map` \(quoted(key)) must be the name of a file, got \(value.kindName)")
      }
      guard !name.isEmpty, name != ".", name != "..", !name.contains("/") else {
        throw error(
          "`weight_map` \(quoted(key)) must name a file beside the index, got \(quoted(name))")
      }
      names[key] = name
    }
    self.path = path
    fileNames = names
  }

  /// Opens the shards.
  ///
  /// - Throws: `SafetensorsError` if one is missing or wrong, or has other tensors than the index says.
  func shards() throws(SafetensorsError) -> [SafetensorsReader] {
    var problems: [String] = []
    var shards: [SafetensorsReader] = []
    let keys = Dictionary(grouping: fileNames.keys) { fileNames[$0] ?? "" }
    for (name, keys) in keys.sorted(by: { $0.key < $1.key }) {
      let shard: SafetensorsReader
      do {
        shard = try SafetensorsReader("\(folder(of: path))/\(name)")
      } catch {
        problems.append("shard \(error)")
        continue
      }
      shards.append(shard)
      let held = Set(shard.header.items.map(\.name))
      problems += keys.filter { !held.contains($0) }.sorted().map {
        "tensor \(quoted($0)) is not in \(name), where the index has it"
      }
      problems += held.filter { fileNames[$0] != name }.sorted().map { key in
        "\(name) holds tensor \(quoted(key)), which the index "
          + (fileNames[key].map { "has in \(quoted($0))" } ?? "does not have")
      }
    }
    if problems.isEmpty, Set(shards.map { $0.header.metadata[Checkpoint.writer.key] }).count > 1 {
      problems.append("its shards were written by different programs")
    }
    guard problems.isEmpty else {
      let more = problems.count > 20 ? "\n  and \(problems.count - 20) more" : ""
      throw SafetensorsError(
        file: path,
        message: problems.count == 1
          ? problems[0]
          : "\(problems.count) problems" + problems.prefix(20).map { "\n  \($0)" }.joined() + more)
    }
    try SafetensorsReader.check(shards.reduce(0) { $0 + $1.dataSize }, file: path)
    return shards
  }

  /// Writes an index.
  ///
  /// - `fileNames`: the file of each key.
  /// - `size`: the bytes of all tensors.
  static func write(
    _ path: String, fileNames: [String: String], size: Int
  ) throws {
    let map = fileNames.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
    let json: JSON = [
      "metadata": ["total_size": .integer(size)], "weight_map": .object(JSONObject(map)),
    ]
    try writeFile(path, json.text(.pretty) + "\n")
  }

  /// The index or the only safetensors file in a folder.
  ///
  /// - Throws: `SafetensorsError` if there is neither, or more than one.
  static func file(inFolder path: String) throws(SafetensorsError) -> String {
    let all: [String]
    do { all = try names(inFolder: path) } catch { throw SafetensorsError(file: path, error) }
    let files = all.filter { $0.hasSuffix(".safetensors") }
    let indexes = all.filter { $0.hasSuffix(".safetensors" + suffix) }
    // A file that is named like an index is another checkpoint, not one of its shards.
    let candidates =
      indexes.isEmpty ? files : indexes + files.filter { indexes.contains($0 + suffix) }
    guard candidates.count == 1 else {
      throw SafetensorsError(
        file: path,
        message: candidates.isEmpty
          ? "the folder holds no safetensors file"
          : "the folder holds several checkpoints, name one of them: "
            + candidates.prefix(5).joined(separator: ", ") + (candidates.count > 5 ? ", …" : ""))
    }
    return "\(path)/\(candidates[0])"
  }
}
