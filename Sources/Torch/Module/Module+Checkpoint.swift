internal import Support

extension Checkpoint {
  /// The entry of a header's metadata that marks what `Module.save` wrote: it needs no conversion from
  /// the layouts of the original.
  package static let writer = (key: "writer", value: "parts-zoo")
}

extension Module {
  /// Loads a checkpoint: a safetensors file, an index with its shards, or a folder with one of them.
  ///
  /// Keys and layouts are those that ``save(to:shardBytes:)`` wrote or, in other files, those of the
  /// original, with or without its final normalizations.
  ///
  /// - Parameters:
  ///   - path: the file or folder.
  ///   - changes: changes of the beginnings of its keys.
  ///   - strict: whether missing and unexpected keys are errors.
  /// - Returns: what was loaded, and what was not.
  /// - Throws: `SafetensorsError`, or `StateError` with all problems, before anything is changed.
  @discardableResult
  public func load(
    contentsOf path: String, renaming changes: [Checkpoint.Renaming] = [], strict: Bool = true
  ) throws -> LoadReport {
    try load(Checkpoint(contentsOf: path).renamed(changes), strict: strict)
  }

  /// Loads a checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: the tensors under full keys.
  ///   - strict: whether missing and unexpected keys are errors.
  /// - Returns: what was loaded, and what was not; an error if nothing was.
  /// - Throws: `SafetensorsError`, or `StateError` with all problems, before anything is changed.
  @discardableResult
  public func load(_ checkpoint: Checkpoint, strict: Bool = true) throws -> LoadReport {
    do {
      let writer = Checkpoint.writer
      let report = try load(
        checkpoint.tensors(), strict: strict,
        isOriginal: checkpoint.metadata[writer.key] != writer.value, copies: false)
      if report.loaded.isEmpty, report.total > 0 {
        throw StateError.nothing(of: report.total, keys: [], known: [])
      }
      return report
    } catch let error as StateError {
      let located = error.problems.map { problem in
        StateError.inFile(problem.key.flatMap(checkpoint.file) ?? checkpoint.path, problem)
      }
      throw StateError(located) ?? error
    }
  }

  /// Saves the parameters and buffers to a safetensors file or, if asked, to several.
  ///
  /// A shared tensor is saved once, under its first key; the metadata has the first key under each of
  /// the others, as Hugging Face writes it. What was saved under the name before is replaced, up to
  /// shards that an index no longer names.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - shardBytes: how many bytes of tensors a file may hold; a larger tensor gets a file of its
  ///     own. If more than one is needed, they are named `model-00001-of-00002.safetensors`, and
  ///     `model.safetensors.index.json` is the index, for the path `model.safetensors`.
  /// - Returns: the files, an index last.
  /// - Throws: `SafetensorsError` if a file cannot be written.
  @discardableResult
  public func save(to path: String, shardBytes: Int? = nil) throws -> [String] {
    if let shardBytes, shardBytes < 1 {
      throw SafetensorsError(
        file: path, message: "shards of \(shardBytes) bytes, expected at least 1")
    }
    // Transformers refuses a file without a format.
    var metadata = ["format": "pt"]
    var shards: [[NamedTensor]] = [[]]
    var room = shardBytes ?? .max
    var firstKeys: [ObjectIdentifier: String] = [:]
    for entry in namedTensors {
      if let first = firstKeys[entry.identity] {
        metadata[entry.key] = first
        continue
      }
      firstKeys[entry.identity] = entry.key
      if entry.bytes > room, shards.last?.isEmpty == false {
        shards.append([])
        room = shardBytes ?? .max
      }
      shards[shards.count - 1].append(entry)
      room -= entry.bytes
    }
    metadata[Checkpoint.writer.key] = Checkpoint.writer.value
    do {
      let index = path + CheckpointIndex.suffix
      // An index of another number of shards would describe a mixture of old and new ones.
      if shards.count > 1 { try removeFile(index) }
      let files = shards.indices.map { Self.file(path, shard: $0, of: shards.count) }
      for (file, shard) in zip(files, shards) {
        let tensors = try shard.map { ($0.key, try $0.value.safetensorsEntry()) }
        try SafetensorsFile(
          tensors: Dictionary(tensors, uniquingKeysWith: { first, _ in first }), metadata: metadata
        ).write(to: file)
      }
      guard shards.count > 1 else {
        try removeFile(index)
        return files
      }
      let names = zip(files, shards).flatMap { file, shard in
        shard.map { ($0.key, String(file.split(separator: "/").last ?? "")) }
      }
      try CheckpointIndex.write(
        index, fileNames: Dictionary(names, uniquingKeysWith: { first, _ in first }),
        size: shards.joined().reduce(0) { $0 + $1.bytes })
      try removeFile(path)
      return files + [index]
    } catch {
      throw SafetensorsError(file: path, error)
    }
  }

  /// The name of a shard: `model-00001-of-00002.safetensors`.
  private static func file(_ path: String, shard: Int, of count: Int) -> String {
    guard count > 1 else { return path }
    func padded(_ number: Int) -> String {
      String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)"
    }
    let ending = ".safetensors"
    let base = path.hasSuffix(ending) ? String(path.dropLast(ending.count)) : path
    return "\(base)-\(padded(shard + 1))-of-\(padded(count))\(ending)"
  }
}

extension Module.NamedTensor {
  /// The size of the elements.
  fileprivate var bytes: Int { value.count * value.dtype.size }
}
