import Foundation
import Testing

@testable import LongRangeArena

@Suite struct `imported examples` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func source(
    _ task: String, _ path: String = "", devFraction: Double? = nil, seed: UInt64 = 0
  ) throws -> ArenaSource {
    var options = ArenaSource.ImportOptions()
    options.devFraction = devFraction
    options.seed = seed
    return try .imported(try .named(task), from: "\(folder.path)/\(path)", options)
  }

  /// All examples of a split; nil in the place of what is left out.
  func examples(_ source: ArenaSource, _ split: Int = 0) throws -> [ArenaExample?] {
    try (0..<source.splits[split].source.count).map(source.splits[split].source.example)
  }

  func labels(_ source: ArenaSource, _ split: Int = 0) throws -> [Int?] {
    try examples(source, split).map { $0?.label }
  }

  /// The message when the training examples of a source are read.
  func refusal(
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
          + "5\"\" bad\(separator)0\r\n")
    }
    let source = try source("text")
    #expect(source.rule == "the source's own")
    for (split, name) in ["train", "val", "test"].enumerated() {
      #expect(
        try examples(source, split).map { text($0) } == ["\(name), \"so\"\t\nto say", "5\"\" bad"])
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

  @Test func `need a source of a known form`() async throws {
    #expect(await refusal("text", "nothing").hasPrefix("there is no nothing, given with --from"))
    for task in ["listops", "text", "retrieval", "image", "digits", "pathfinder32-curv_baseline"] {
      #expect(await refusal(task).contains("has no form in which \(task) can be read, expected "))
    }
  }
}
