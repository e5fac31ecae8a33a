internal import Support

extension ArenaSource {
  /// Writes generated examples in the form of the original release: TSV files for listops, pictures
  /// and metadata for pathfinder.
  ///
  /// - Throws: `FileError` that names what cannot be written.
  public func export(
    to folder: String, workers: Int, progress: (ArenaProgress) -> Void = { _ in }
  ) async throws {
    if task.name == "listops" {
      for ((_, source), name) in zip(splits, ["train", "val", "test"]) {
        let file = try FileWriter("\(folder)/basic_\(name).tsv", makingFolders: true)
        // Lines end as those of Python's csv module.
        try write("Source\tTarget\r\n", to: file)
        try await exportEach(of: source, "basic_\(name).tsv", workers, progress) { example in
          let tokens = example.sequences[0].map { UInt8($0) }
          try write("\(ListOps.text(tokens))\t\(example.label)\r\n", to: file)
        }
        try file.commit()
      }
      return
    }
    let words = task.name.split(separator: "-")
    let root = "\(folder)/\(words[0])/\(words[1])"
    let side = words[0] == "pathfinder32" ? 32 : 128
    var rows: [String] = []
    var number = 0
    for (split, source) in splits {
      try await exportEach(of: source, "\(task.name).\(split.rawValue)", workers, progress) {
        example in
        let batch = number / 1000
        let name = "sample_\(number % 1000).png"
        let picture = GreyPicture(
          width: side, height: side, pixels: example.sequences[0].map { UInt8($0) })
        try writeFile(
          "\(root)/imgs/\(batch)/\(name)", [try picture.png()[...]], makingFolders: true)
        rows.append(
          "imgs/\(batch) \(name) \(number % 1000) \(example.metadata)\n")
        number += 1
      }
    }
    for batch in stride(from: 0, to: rows.count, by: 1000) {
      try writeFile(
        "\(root)/metadata/\(batch / 1000).npy",
        rows[batch..<min(batch + 1000, rows.count)].joined(), makingFolders: true)
    }
  }

  private func write(_ text: String, to file: FileWriter) throws {
    try Array(text.utf8).withUnsafeBytes { try file.write($0) }
  }

  private func exportEach(
    of source: SplitSource, _ name: String, _ workers: Int, _ progress: (ArenaProgress) -> Void,
    _ body: (ArenaExample) throws -> Void
  ) async throws {
    let step = 100 * workers
    for start in stride(from: 0, to: source.count, by: step) {
      progress(ArenaProgress(name: name, done: start, total: source.count))
      let range = start..<min(start + step, source.count)
      for case let example? in try await inParallel(range, workers: workers, source.example) {
        try body(example)
      }
    }
  }
}
