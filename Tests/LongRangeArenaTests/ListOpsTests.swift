import Foundation
import Testing

@testable import LongRangeArena

@Suite struct `ListOps expressions` {
  /// An expression as a tree, evaluated and written by the definition.
  private indirect enum Tree {
    case digit(Int)
    case node(String, [Tree])

    static func random(depth: Int, _ random: inout ArenaRandom) -> Tree {
      guard depth > 0, random.below(3) > 0 else { return .digit(random.below(10)) }
      let arguments = (0...random.below(5)).map { _ in Tree.random(depth: depth - 1, &random) }
      return .node(["MIN", "MAX", "MED", "SM"][random.below(4)], arguments)
    }

    var value: Int {
      guard case .node(let name, let arguments) = self else {
        if case .digit(let digit) = self { return digit }
        return -1
      }
      let values = arguments.map(\.value)
      switch name {
      case "MIN": return (0...9).first { values.contains($0) } ?? -1
      case "MAX": return (0...9).last { values.contains($0) } ?? -1
      case "SM":
        var sum = 0
        for value in values { sum = (sum + value) % 10 }
        return sum
      default:
        // Twice the median: as many values are below as above.
        let middle = (0...18).filter { twice in
          values.count { 2 * $0 < twice } * 2 <= values.count
            && values.count { 2 * $0 > twice } * 2 <= values.count
        }
        return ((middle.first ?? 0) + (middle.last ?? 0)) / 4
      }
    }

    var text: String {
      switch self {
      case .digit(let digit): "\(digit)"
      case .node(let name, let arguments):
        "( \(arguments.reduce("[" + name) { "( \($0) \($1.text) )" }) ] )"
      }
    }

    var tokens: [UInt8] {
      switch self {
      case .digit(let digit): [UInt8(digit + 1)]
      case .node(let name, let arguments):
        [UInt8(11 + (["MIN", "MAX", "MED", "SM"].firstIndex(of: name) ?? 0))]
          + arguments.flatMap(\.tokens) + [15]
      }
    }
  }

  private func read(_ text: String) throws -> (tokens: [UInt8], value: Int) {
    try ListOps.tokens(Array(text.utf8)) { ArenaError("\($1): \($0)") }
  }

  @Test func `have the value and the text of their trees`() throws {
    var random = ArenaRandom(seed: 1, stream: 0)
    for _ in 0..<2_000 {
      let tree = Tree.random(depth: 4, &random)
      #expect(ListOps.value(tree.tokens) == tree.value)
      #expect(ListOps.text(tree.tokens) == tree.text)
      let read = try read(tree.text)
      #expect(read.tokens == tree.tokens && read.value == tree.value)
    }
    #expect(
      ListOps.text([12, 3, 14, 4, 5, 15, 15]) == "( ( ( [MAX 2 ) ( ( ( [SM 3 ) 4 ) ] ) ) ] )")
  }

  @Test(arguments: [
    ("( ( [MAX 2 ) ( [FOO", "15: unknown token `[FOO`"), ("( 2 ) )", "6: `)` closes nothing"),
    ("( [MIN ] )", "7: `[MIN` has no arguments"), ("]", "0: no operator is open"),
    ("( ( [MED 1 )", "12: the expression is not complete"),
    ("3 4", "2: the expression is already complete"), ("", "0: the expression is not complete"),
    ("( 3", "3: the expression is not complete"),
  ])
  func `are refused when they are malformed`(text: String, message: String) {
    #expect(throws: ArenaError.self) { try read(text) }
    do { _ = try read(text) } catch { #expect("\(error)" == message) }
  }
}

@Suite struct `ListOps generator` {
  /// 6,000 accepted expressions, and how many were drawn for them.
  private static let sample: (tokens: [[UInt8]], drawn: Int) = {
    var kept: [[UInt8]] = []
    var drawn = 0
    while kept.count < 6_000 {
      var random = ArenaRandom(seed: 2, stream: drawn)
      if let tokens = ListOpsOptions().draw(&random) { kept.append(tokens) }
      drawn += 1
    }
    return (kept, drawn)
  }()

  /// The sum of squared deviations from expected shares, each over its variance.
  private func chiSquared(_ counts: [Int], _ shares: [Double]) -> Double {
    let total = Double(counts.reduce(0, +))
    let sum = shares.reduce(0, +)
    return zip(counts, shares).reduce(0) { result, pair in
      let expected = total * pair.1 / sum
      return result + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
    }
  }

  // The expected figures come from 24,000 examples of another implementation.

  @Test func `draws the known distribution of labels and operators`() {
    let tokens = Self.sample.tokens
    let labels = tokens.compactMap(ListOps.value)
    let shares = [16.8, 8.8, 7.8, 8.3, 9.0, 8.8, 7.7, 7.2, 8.6, 16.9]
    // With 9 and 3 degrees of freedom, chance exceeds these in one of 10,000 runs.
    #expect(chiSquared((0...9).map { label in labels.count { $0 == label } }, shares) < 33.7)
    let roots = (11...14).map { root in tokens.count { $0[0] == root } }
    #expect(chiSquared(roots, [1, 1, 1, 1]) < 21.1)
    var counts = [Int](repeating: 0, count: 16)
    for token in tokens.prefix(1_000).joined() { counts[Int(token)] += 1 }
    let total = Double(counts.reduce(0, +))
    for count in counts[1...10] { #expect(abs(Double(count) / total - 0.0715) < 0.001) }
    for count in counts[11...14] { #expect(abs(Double(count) / total - 0.0356) < 0.001) }
    #expect(abs(Double(counts[15]) / total - 0.142) < 0.001)
  }

  @Test func `draws the known lengths, as often as known`() {
    let lengths = Self.sample.tokens.map(\.count)
    let mean = Double(lengths.reduce(0, +)) / 6_000
    // Three standard errors of the difference of both means.
    let standardError = 395 * (1 / 6_000.0 + 1 / 24_000.0).squareRoot()
    #expect(abs(mean - 1035) < 3 * standardError)
    #expect(lengths.allSatisfy { 501...1999 ~= $0 })
    #expect(abs(6_000 / Double(Self.sample.drawn) - 0.0831) < 0.004)
    let rootArguments = Self.sample.tokens.prefix(1_000).map { tokens in
      var depth = 0
      return tokens.reduce(0) { count, token in
        let isArgument = depth == 1 && token != 15
        depth += token == 15 ? -1 : token > 10 ? 1 : 0
        return count + (isArgument ? 1 : 0)
      }
    }
    #expect(abs(Double(rootArguments.reduce(0, +)) / 1_000 - 6.91) < 0.3)
  }

  @Test func `makes distinct examples, and the same for any number of threads`() async throws {
    func examples(_ workers: Int, seed: UInt64 = 3) async throws -> [ArenaExample?] {
      let source = try await ArenaSource.listops(
        .small, counts: ArenaCounts(train: 300, dev: 20, test: 10), seed: seed, workers: workers)
      return try source.splits.flatMap { split in
        try (0..<split.source.count).map(split.source.example)
      }
    }
    let one = try await examples(1)
    #expect(try await examples(2) == one)
    #expect(try await examples(1, seed: 4) != one)
    let sequences = one.compactMap { $0?.sequences[0] }
    #expect(sequences.count == 330 && Set(sequences).count == 330)
    #expect(sequences.allSatisfy { 21...199 ~= $0.count })
  }

  @Test func `gives up when hardly any expression fits`() async throws {
    var options = ListOpsOptions.small
    (options.maxDepth, options.minLength, options.maxLength) = (2, 3, 5)
    let error = await #expect(throws: ArenaError.self) {
      try await ArenaSource.listops(options, counts: .small, seed: 0, workers: 1)
    }
    #expect(try #require(error).description.contains("longer than 3 and shorter than 5 tokens"))
    options.maxArgs = 1
    let range = await #expect(throws: ArenaError.self) {
      try await ArenaSource.listops(options, counts: .small, seed: 0, workers: 1)
    }
    #expect(range?.description == "max-args is 1, expected 2 to 100")
  }
}
