import Foundation
import Testing

@testable import LongRangeArena

@Suite struct `imported examples` {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func source(
    _ task: String, _ path: String = "", devFraction: Double? = nil, seed: UInt64 = 0
  ) throws -> ArenaSource {
    var options = ArenaSource.ImportOptions()
    options.devFraction = devFraction
    options.seed = seed
    return try .imported(try .named(task), from: "\(folder.path)/\(path)", options)
  }

  /// All examples of a split; nil in the place of what is left out.
  private func examples(_ source: ArenaSource, _ split: Int = 0) throws -> [ArenaExample?] {
    try (0..<source.splits[split].source.count).map(source.splits[split].source.example)
  }

  private func labels(_ source: ArenaSource, _ split: Int = 0) throws -> [Int?] {
    try examples(source, split).map { $0?.label }
  }

  /// The message when the training examples of a source are read.
  private func refusal(
    _ task: String, _ path: String = "", devFraction: Double? = nil
  ) async -> String {
    await message { _ = try examples(try source(task, path, devFraction: devFraction)) }
      .replacing(folder.path + "/", with: "")
  }

  private func text(_ example: ArenaExample?, _ sequence: Int = 0) -> String {
    String(
      decoding: (example?.sequences[sequence] ?? []).map { UInt8($0 - 1) }, as: UTF8.self)
  }

  // ListOps

  @Test(arguments: ["\r\n", "\n"])
  func `of listops come from the files of the release`(newline: String) throws {
    for (name, rows) in [
      ("train", ["( ( ( [MAX 2 ) 7 ) ] )\t7", "4\t4"]), ("val", ["0\t0"]), ("test", ["1\t1"]),
    ] {
      try folder.write(
        "listops-1000/basic_\(name).tsv",
        (["Source\tTarget"] + rows).joined(separator: newline) + newline)
    }
    let source = try source("listops")
    #expect(try examples(source).map { $0?.sequences } == [[[12, 3, 8, 15]], [[5]]])
    #expect(try labels(source) == [7, 4])
    #expect(try labels(source, 1) == [0])
    #expect(try labels(source, 2) == [1])
  }

  @Test func `of listops go through the export unchanged`() async throws {
    let generated = try await ArenaSource.listops(
      .small, counts: ArenaCounts(train: 300, dev: 10, test: 10), seed: 1, workers: 1)
    try await generated.export(to: folder.path, workers: 2)
    let source = try source("listops")
    for split in 0...2 {
      let (made, read) = (try examples(generated, split), try examples(source, split))
      #expect(made.map { $0?.sequences } == read.map { $0?.sequences })
      #expect(made.map { $0?.label } == read.map { $0?.label })
    }
  }

  @Test(arguments: [
    ("Source\tTarget\n3\t4\n", "2:3: the target is 4, but the value of the expression is 3"),
    ("Source\tTarget\n3\t3\n( [FOO\t3\n", "3:3: unknown token `[FOO`"),
    ("Source\tTarget\n3\n", "2:1: there are 1 fields, expected 2: Source, Target"),
    ("Source\tTarget\n3\tx\n", "2:3: the target is `x`, expected 0 to 9"),
    ("Source,Target\n", "1:1: there are 1 fields, expected 2: Source, Target"),
    ("a\tb\n", "1:1: expected the header Source, a tab and Target"),
    ("", "1:1: expected the header Source, a tab and Target"),
  ])
  func `of listops are refused with line and column`(content: String, expected: String) async throws
  {
    for name in ["train", "val", "test"] { try folder.write("basic_\(name).tsv", content) }
    #expect(await refusal("listops") == "basic_train.tsv:\(expected)")
  }

  // Text

  private func writeReviews() throws {
    for split in ["train", "test"] {
      for (label, count) in [("pos", 6), ("neg", 4)] {
        for number in 0..<count {
          try folder.write(
            "aclImdb/\(split)/\(label)/\(number)_7.txt", "\(label) \(split) é\(number)")
        }
      }
    }
    try folder.write("aclImdb/train/unsup/0_0.txt", "unknown")
    try folder.write("aclImdb/train/pos/notes", "ignored")
  }

  @Test func `of text come from the folder of reviews, in a seeded order`() throws {
    try writeReviews()
    let source = try source("text")
    #expect(source.rule == "lra: dev is test")
    let train = try examples(source)
    #expect(train.count == 10)
    #expect(train.allSatisfy { text($0).hasPrefix($0?.label == 1 ? "pos train é" : "neg train é") })
    #expect(Set(train.map { text($0) }).count == 10)
    #expect(try examples(source, 1) == (try examples(source, 2)))
    #expect(try examples(try self.source("text", "aclImdb")) == train)
    #expect(try examples(try self.source("text", seed: 1)) != train)
    #expect(Set(try labels(source).prefix(5)).count == 2)
  }

  @Test func `of text give a share for development if asked`() async throws {
    try writeReviews()
    let source = try source("text", devFraction: 0.3)
    #expect(source.rule == "dev is 0.3 of train, in random order, seed 0")
    let texts = try (0...2).map { try examples(source, $0).map { text($0) } }
    #expect(texts.map(\.count) == [7, 3, 10])
    #expect(Set(texts[0] + texts[1]).count == 10)
    #expect(
      await refusal("text", devFraction: 1.5)
        == "dev-fraction is 1.5, expected more than 0 and less than 1")
  }

  @Test(arguments: ["\t", ","])
  func `of text come from tables`(separator: String) async throws {
    for split in ["train", "val", "test"] {
      try folder.write(
        "imdb_\(split).tsv",
        "Source\(separator)Target\r\n\"\(split), \"\"so\"\"\t\nto say\"\(separator)1\r\n"
          + "bad\(separator)0\r\n")
    }
    let source = try source("text")
    #expect(source.rule == "the source's own")
    for (split, name) in ["train", "val", "test"].enumerated() {
      #expect(try examples(source, split).map { text($0) } == ["\(name), \"so\"\t\nto say", "bad"])
      #expect(try labels(source, split) == [1, 0])
    }
    #expect(
      await refusal("text", devFraction: 0.1)
        == "dev-fraction does not apply: the source has a split for development")
  }

  @Test func `of text come from a file of labels and reviews, cut at 4000 bytes`() throws {
    let long = String(repeating: "x", count: 4_100)
    let rows = (0..<20).map { "\"\($0 % 2 == 0 ? 1 : -1)\",\"\($0) \(long)\"" }
    let path = "reviews.csv"
    try folder.write(path, "\u{FEFF}" + rows.joined(separator: "\n"))
    let source = try source("text", path)
    let all = try (0...2).map { try examples(source, $0) }
    #expect(all.map(\.count) == [16, 2, 2])
    for example in all.joined() {
      let number = try #require(Int(text(example).prefix { $0 != " " }))
      #expect(example?.label == 1 - number % 2)
      #expect(example?.sequences[0].count == 4000)
    }
  }

  @Test(arguments: [
    ("\"1\",\"a\nb", "1:5: this quote is never closed"),
    ("\"1\",\"a\"b\n", "1:8: a closing quote ends a field, expected a separator"),
    ("\"1\",\"a\nb\"\n\"0\",\"c\"\n", "3:1: the label is 0, expected -1 or 1"),
    ("\"1\",\"a\",\"b\"\n", "1:1: there are 3 fields, expected 2: label, review"),
  ])
  func `of text are refused with line and column`(content: String, expected: String) async throws {
    // Enough rows before them that each is in the training split of some seed.
    try folder.write("reviews.csv", content)
    let text = await message {
      let source = try source("text", "reviews.csv")
      for split in 0...2 { _ = try examples(source, split) }
    }
    #expect(text.hasSuffix("reviews.csv:\(expected)"))
  }

  // Retrieval

  @Test func `of retrieval come from pairs of papers, whose quotes mean nothing`() async throws {
    for name in ["train", "eval", "test"] {
      try folder.write(
        "tsv_data/new_aan_pairs.\(name).tsv", "1.0\tA1\tB2\t\"first\t\(name)\n0.0\tC\tD\tx\ty\n")
    }
    let source = try source("retrieval")
    for (split, name) in ["train", "eval", "test"].enumerated() {
      let pairs = try examples(source, split)
      #expect(pairs.map { text($0) } == ["\"first", "x"])
      #expect(pairs.map { text($0, 1) } == [name, "y"])
      #expect(pairs.map { $0?.label } == [1, 0])
    }
    try folder.write("tsv_data/new_aan_pairs.train.tsv", "1.0\tA1\tB2\n")
    #expect(
      await refusal("retrieval").hasSuffix(
        "new_aan_pairs.train.tsv:1:1: there are 3 fields, expected 5: label, first id, second id, "
          + "first text, second text"))
  }

  @Test func `of retrieval are halves of reviews, each in one split`() throws {
    let rows = (0..<40).map { "1,begin\($0) middle end\($0)" }
    try folder.write("reviews.csv", rows.joined(separator: "\n"))
    let source = try source("retrieval", "reviews.csv")
    var reviews: [Set<Substring>] = []
    for split in 0...2 {
      let pairs = try examples(source, split)
      #expect(pairs.count == [64, 8, 8][split])
      #expect(pairs.count { $0?.label == 1 } == pairs.count / 2)
      for pair in pairs {
        let (first, second) = (text(pair, 0), text(pair, 1))
        #expect(first.hasPrefix("begin") && second.contains("end"))
        let isOne = first.dropFirst(5).prefix { $0.isNumber } == second.split(separator: "end").last
        #expect(isOne == (pair?.label == 1))
      }
      reviews.append(Set(pairs.flatMap { text($0).split(separator: " ").prefix(1) }))
    }
    #expect(reviews[0].union(reviews[1]).union(reviews[2]).count == 40)
  }

  // Pictures

  @Test func `of image come from the binary version of CIFAR-10`() async throws {
    func record(_ label: UInt8, _ grey: UInt8) -> [UInt8] {
      // A first pixel of pure red, the others grey.
      [label] + [255] + [UInt8](repeating: grey, count: 1023) + [0]
        + [UInt8](repeating: grey, count: 1023) + [0] + [UInt8](repeating: grey, count: 1023)
    }
    for batch in 1...5 {
      try folder.write(
        "cifar-10-batches-bin/data_batch_\(batch).bin",
        record(UInt8(batch), 10) + record(UInt8(batch), 250))
    }
    try folder.write("cifar-10-batches-bin/test_batch.bin", record(9, 255))
    let source = try source("image")
    #expect(try labels(source) == [1, 1, 2, 2, 3, 3, 4, 4, 5])
    #expect(try labels(source, 1) == [5])
    #expect(try labels(source, 2) == [9])
    // 0.2989 · 255.5 = 76.4 and (0.2989 + 0.587 + 0.114) · 255.5 = 255.47.
    #expect(try examples(source, 2)[0]?.sequences[0].prefix(3) == [76, 255, 255])
    try folder.write("cifar-10-batches-bin/test_batch.bin", Array(record(9, 255).dropLast()))
    #expect(
      await refusal("image").hasSuffix("test_batch.bin has 3072 bytes, expected a multiple of 3073")
    )
    try folder.write("cifar-10-batches-bin/test_batch.bin", record(1, 1))
    try folder.write("cifar-10-batches-bin/data_batch_1.bin", record(10, 255))
    #expect(
      await refusal("image").hasSuffix(
        "data_batch_1.bin: the label of record 0 is 10, expected 0 to 9"))
  }

  @Test func `of image are not read from pickles`() async throws {
    try folder.write("cifar-10-batches-py/data_batch_1", "pickle")
    #expect(
      await refusal("image").contains("get the binary version, a folder with data_batch_1.bin"))
  }

  @Test func `of image come from IDX files, packed or not`() async throws {
    func number(_ value: Int) -> [UInt8] { [0, 0, UInt8(value / 256), UInt8(value % 256)] }
    func write(_ name: String, count: Int, pixels: Int) throws {
      let pictures = (0..<count).flatMap { [UInt8](repeating: UInt8($0 + 1), count: 28 * 28) }
      try folder.write(
        "\(name)-images-idx3-ubyte",
        [0, 0, 8, 3] + number(count) + number(28) + number(28) + pictures.prefix(pixels))
      try folder.write(
        "\(name)-labels-idx1-ubyte",
        [0, 0, 8, 1] + number(count) + (0..<count).map { UInt8($0 % 10) })
    }
    try write("train", count: 20, pixels: .max)
    try write("t10k", count: 3, pixels: .max)
    let source = try source("image")
    #expect(try (0...2).map { try labels(source, $0).count } == [18, 2, 3])
    #expect(try labels(source, 1) == [8, 9])
    // In the middle of 32 × 32 pixels.
    let pixels = try #require(try examples(source)[1]?.sequences[0])
    #expect(pixels.count == 1024 && pixels.count { $0 == 2 } == 28 * 28)
    #expect(pixels[2 * 32 + 1] == 0 && pixels[2 * 32 + 2] == 2 && pixels[29 * 32 + 29] == 2)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip"] + files.map { "\(folder.path)/\($0)" }
    try gzip.run()
    gzip.waitUntilExit()
    #expect(try examples(try self.source("image")) == (try examples(source)))
    let packed = "\(folder.path)/train-images-idx3-ubyte.gz"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: packed))
    try folder.write("train-images-idx3-ubyte.gz", Array(bytes.prefix(bytes.count / 2)))
    #expect(await refusal("image").contains("train-images-idx3-ubyte.gz is damaged or truncated"))
    try write("train", count: 20, pixels: 100)
    #expect(
      await refusal("image")
        == "train-images-idx3-ubyte has 100 values, expected 20 × 28 × 28")
    try folder.write("train-labels-idx1-ubyte", [1, 2, 3])
    try write("t10k", count: 3, pixels: .max)
    try write("train", count: 20, pixels: .max)
    try folder.write("train-labels-idx1-ubyte", [1, 2, 3])
    #expect(
      await refusal("image") == "train-labels-idx1-ubyte is no IDX file of bytes with 1 dimensions"
    )
  }

  @Test func `of image come from folders of pictures`() async throws {
    for split in ["train", "test"] {
      for (label, name) in ["cat", "dog"].enumerated() {
        for number in 0..<10 {
          let grey = GreyPicture(
            width: 32, height: 32,
            pixels: [UInt8](repeating: UInt8(10 * label + number), count: 1024))
          try folder.write("\(split)/\(name)/\(number).png", try grey.png())
        }
      }
    }
    let source = try source("image")
    let all = try (0...2).map { try examples(source, $0) }
    #expect(all.map(\.count) == [18, 2, 20])
    for example in all.joined() {
      #expect(example?.label == Int(try #require(example?.sequences[0][0])) / 10)
    }
    try folder.write("train/dog/3.png", "no picture")
    #expect(await refusal("image").contains("train/dog/3.png is not a readable PNG: "))
    try folder.write(
      "train/dog/3.png",
      try GreyPicture(width: 33, height: 1, pixels: [UInt8](repeating: 0, count: 33)).png())
    #expect(
      await refusal("image").hasSuffix(
        "train/dog/3.png has 33 × 1 pixels, expected at most 32 × 32"))
    try folder.write("test/cow/1.png", "")
    #expect(await refusal("image").hasSuffix("test has a class `cow` that train lacks"))
  }

  @Test func `turn coloured pictures grey`() throws {
    // 2 × 1 pixels, pure red and white, as an RGB PNG.
    let png = try #require(
      Data(
        base64Encoded:
          "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP8z8DA8P8/AAkFAv/EHkoWAAAAAElFTkSuQmCC"
      ))
    let picture = try png.withUnsafeBytes { try GreyPicture(png: $0, side: 2, path: "a") }
    #expect(picture == GreyPicture(width: 2, height: 1, pixels: [76, 255]))
  }

  @Test func `of digits come from the file of scikit-learn`() async throws {
    let rows = (0..<20).map { "\((0..<64).map { "\($0 % 17)" }.joined(separator: ",")),\($0 % 10)" }
    try folder.write("digits.csv", rows.joined(separator: "\n"))
    let source = try source("digits", "digits.csv")
    let all = try (0...2).map { try examples(source, $0) }
    #expect(all.map(\.count) == [16, 2, 2])
    #expect(all.joined().compactMap { $0?.label }.sorted() == (0..<20).map { $0 / 2 })
    #expect(all[0][0]?.sequences[0] == (0..<64).map { UInt16($0 % 17) })
    try folder.write(
      "digits.csv", rows.map { $0.replacing("5,6", with: "5,17") }.joined(separator: "\n"))
    #expect(
      await refusal("digits", "digits.csv").contains(":13: pixel 6 is `17`, expected 0 to 16"))
  }

  @Test(arguments: ["lra_release/lra_release/pathfinder32/", "pathfinder32/", ""])
  func `of pathfinder come from the release, without its empty picture`(root: String) async throws {
    let level = "\(root)curv_baseline"
    var rows: [[String]] = [[], []]
    for number in 0..<20 {
      let batch = number / 10
      let name = "sample_\(number % 10).png"
      let grey = GreyPicture(
        width: 32, height: 32, pixels: [UInt8](repeating: UInt8(number), count: 1024))
      try folder.write("\(level)/imgs/\(batch)/\(name)", number == 7 ? [] : try grey.png())
      rows[batch].append("imgs/\(batch) \(name) \(number % 10) \(number % 2) 1.0 6 2 2 0.5 1 1")
    }
    for batch in 0...1 {
      try folder.write(
        "\(level)/metadata/\(batch).npy", rows[batch].joined(separator: "\n") + "\n")
    }
    let source = try source("pathfinder32-curv_baseline")
    let all = try (0...2).map { try examples(source, $0) }
    #expect(all.map(\.count) == [16, 2, 2])
    #expect(all.joined().count { $0 == nil } == 1)
    for case let example? in all.joined() {
      #expect(example.label == Int(example.sequences[0][0]) % 2)
    }
    let summary = try await source.write(to: "\(folder.path)/data", workers: 2)
    #expect(summary.splits.map(\.leftOut).reduce(0, +) == 1)
    try folder.write("\(level)/metadata/0.npy", "imgs/0 sample_0.png 0 2 1.0 6 2 2 0.5 1 1\n")
    let text = await message {
      let source = try self.source("pathfinder32-curv_baseline")
      for split in 0...2 { _ = try examples(source, split) }
    }
    #expect(text.hasSuffix("metadata/0.npy:1:23: the label is `2`, expected 0 to 1"))
  }

  @Test func `of pathfinder go through the export unchanged`() async throws {
    let task = try ArenaTask.named("pathfinder128-curv_baseline")
    let generated = try ArenaSource.pathfinder(
      task, counts: ArenaCounts(train: 6, dev: 2, test: 2), seed: 1)
    try await generated.export(to: folder.path, workers: 2)
    let source = try source(task.name)
    func all(_ source: ArenaSource) throws -> Set<[UInt16]> {
      Set(
        try (0...2).flatMap { try examples(source, $0) }.compactMap { example in
          example.map { $0.sequences[0] + [UInt16($0.label)] }
        })
    }
    #expect(try all(source) == (try all(generated)))
    #expect(try all(source).count == 10)
  }

  @Test func `need a source of a known form`() async throws {
    #expect(await refusal("text", "nothing").hasPrefix("there is no nothing, given with --from"))
    for task in ["listops", "text", "retrieval", "image", "digits", "pathfinder32-curv_baseline"] {
      #expect(await refusal(task).contains("has no form in which \(task) can be read, expected "))
    }
  }
}
