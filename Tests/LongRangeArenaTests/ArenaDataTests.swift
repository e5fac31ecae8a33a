import Foundation
import Testing

@testable import LongRangeArena

/// A folder that is removed with the object.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.path + "/arena-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and the folders above it, and returns its path.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }
}

/// The message of what a body throws.
func message(of body: () async throws -> Void) async -> String {
  do {
    try await body()
    return ""
  } catch { return "\(error)" }
}

@Suite struct `data of a task` {
  private let folder: TemporaryFolder
  private let task: ArenaTask

  init() throws {
    folder = try TemporaryFolder()
    task = try ArenaTask.named("retrieval")
  }

  /// Tokens of one and of two bytes, sequences of different lengths, and one that is left out.
  private static let examples: [ArenaExample?] = [
    ArenaExample(sequences: [[1, 2, 256], [3]], label: 1, sourceHash: 5), nil,
    ArenaExample(sequences: [[9], [8, 7]], label: 0, sourceHash: 6),
    ArenaExample(sequences: [[], [1]], label: 0),
  ]

  @discardableResult
  private func write(to name: String = "data", workers: Int = 2) async throws -> ArenaSummary {
    let all = SplitSource(count: Self.examples.count) { Self.examples[$0] }
    let one = SplitSource([ArenaExample(sequences: [[4], [5]], label: 1)])
    return try await ArenaSource(
      task, name: "a test", rule: "by hand", length: 10, train: all, dev: one, test: one
    ).write(to: "\(folder.path)/\(name)", workers: workers)
  }

  private func open(
    _ task: String = "retrieval", _ split: ArenaSplit = .train
  ) throws -> ArenaData {
    try ArenaData.open(
      task: try .named(task), split: split,
      folder: URL(fileURLWithPath: "\(folder.path)/data"))
  }

  @Test func `are read as they were written`() async throws {
    let summary = try await write()
    let data = try open()
    #expect(data.count == 2)
    #expect((0...1).map { data.tokens(0, sequence: $0) } == [[1, 2, 256], [3]])
    #expect((0...1).map { data.tokens(1, sequence: $0) } == [[9], [8, 7]])
    #expect(data.label(0) == 1 && data.label(1) == 0)
    #expect(data.length == 10 && data.rule == "by hand" && data.source == "a test")
    #expect(data.hash.count == 32 && data.sourceHash.count == 32 && data.hash != data.sourceHash)
    #expect(try open("retrieval", .dev).hash != data.hash)
    #expect(summary.splits.map(\.count) == [2, 1, 1])
    #expect(summary.splits[0].leftOut == 2)
    #expect(summary.splits[0].meanLength == 1.75 && summary.splits[0].longest == 3)
    // Both classes are as frequent, so the smaller one is the answer.
    #expect(summary.majorityShare(summary.splits[0]) == 0.5)
    #expect(summary.majorityShare(summary.splits[1]) == 0)
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/data")
    #expect(files.sorted() == ["dev", "test", "train"].map { "retrieval.\($0).arena" })
  }

  @Test func `take one byte a token where they fit`() async throws {
    let digits = try ArenaTask.named("digits")
    let one = SplitSource([ArenaExample(sequences: [[0, 16, 3]], label: 9)])
    _ = try await ArenaSource(digits, name: "a test", rule: "", train: one, dev: one, test: one)
      .write(to: "\(folder.path)/data", workers: 1)
    let data = try open("digits", .test)
    #expect(data.tokens(0, sequence: 0) == [0, 16, 3] && data.label(0) == 9)
    let file = "\(folder.path)/data/digits.test.arena"
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)).count == 4096 + 3 + 4 + 1)
  }

  @Test func `do not depend on the number of threads`() async throws {
    try await write()
    try await write(to: "other", workers: 1)
    for split in ArenaSplit.allCases {
      let files = ["data", "other"].map { "\(folder.path)/\($0)/retrieval.\(split).arena" }
      #expect(FileManager.default.contentsEqual(atPath: files[0], andPath: files[1]))
    }
  }

  @Test func `are refused if any byte is changed, missing or added`() async throws {
    try await write()
    let path = "\(folder.path)/data/retrieval.train.arena"
    let whole = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    func refusal(_ bytes: [UInt8]) async throws -> String {
      try folder.write("data/retrieval.train.arena", bytes)
      return await message { _ = try open() }
    }
    for place in Array(0..<400) + Array(whole.count - 30..<whole.count) {
      var bytes = whole
      bytes[place] ^= 4
      #expect(try await refusal(bytes).hasPrefix(path), "byte \(place)")
    }
    for (bytes, expected) in [
      ([], "is no file of the arena"), (Array("hello".utf8), "is no file of the arena"),
      (Array(whole.prefix(100)), "is truncated: 100 bytes, expected at least 4096"),
      (whole.dropLast(), "is truncated: \(whole.count - 1) bytes, expected \(whole.count)"),
      (whole + [0], "is too long: \(whole.count + 1) bytes, expected \(whole.count)"),
      (whole.prefix(8) + [2] + whole.dropFirst(9), "has version 2, expected 1"),
      (whole.prefix(4096) + [7] + whole.dropFirst(4097), "is damaged"),
      (whole.prefix(60) + [0] + whole.dropFirst(61), "has a damaged header"),
    ] as [([UInt8], String)] {
      let text = try await refusal(bytes)
      #expect(text.hasPrefix("\(path) \(expected)"))
      #expect(text.contains(": make it again with `zoo lra data retrieval --from SOURCE --data "))
    }
    #expect(try await refusal(whole) == "")
  }

  @Test func `are refused with the name of another task or split`() async throws {
    try await write()
    let missing = await message { _ = try open("text") }
    #expect(
      missing.contains("text.train.arena: make it with `zoo lra data text --from SOURCE --data "))
    let data = "\(folder.path)/data"
    for name in ["text.train", "retrieval.test"] {
      try? FileManager.default.removeItem(atPath: "\(data)/\(name).arena")
      try FileManager.default.copyItem(
        atPath: "\(data)/retrieval.train.arena", toPath: "\(data)/\(name).arena")
    }
    let task = await message { _ = try open("text") }
    #expect(task.contains("contains train of retrieval, expected train of text"))
    let split = await message { _ = try open("retrieval", .test) }
    #expect(split.contains("contains train of retrieval, expected test of retrieval"))
  }

  @Test func `stay as they were when making them fails`() async throws {
    try await write()
    let hash = try open().hash
    let good = SplitSource([ArenaExample(sequences: [[6], [6]], label: 1)])
    let bad = SplitSource(count: 1) { _ in throw ArenaError("wrong") }
    for (test, expected) in [
      (bad, "wrong"), (SplitSource([]), "retrieval.test would have no examples: there are too few"),
      (
        SplitSource(count: 2) { _ in nil }, "retrieval.test would have no examples: all 2 are empty"
      ),
    ] {
      let source = ArenaSource(task, name: "a test", rule: "", train: good, dev: good, test: test)
      let text = await message {
        _ = try await source.write(to: "\(folder.path)/data", workers: 1)
      }
      #expect(text.hasPrefix(expected))
    }
    #expect(try open().hash == hash)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/data").count == 3)
  }

  @Test func `know how often trivial answers are right`() async throws {
    let listops = try ArenaTask.named("listops")
    func source(_ pairs: [(UInt16, Int)]) -> SplitSource {
      SplitSource(pairs.map { ArenaExample(sequences: [[$0.0, 1, 15]], label: $0.1) })
    }
    let summary = try await ArenaSource(
      listops, name: "a test", rule: "",
      train: source([(11, 0), (11, 0), (11, 3), (12, 9), (12, 9), (12, 9), (13, 4)]),
      dev: source([(11, 0), (11, 9), (12, 9), (13, 5), (14, 9)]), test: source([(13, 4)])
    ).write(to: "\(folder.path)/data", workers: 1)
    #expect(summary.splits.map(summary.majorityShare) == [3 / 7.0, 3 / 5.0, 0])
    #expect(summary.splits.map(summary.firstOperatorShare) == [6 / 7.0, 2 / 5.0, 1])
  }
}
