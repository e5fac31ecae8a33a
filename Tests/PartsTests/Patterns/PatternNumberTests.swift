import JSON
import Parts
import Testing
import Torch

/// Numbers that the documentation of the original, or the formula on paper, gives.
@Suite struct `patterns by hand` {
  @Test func `local windows`() throws {
    #expect(try rowCounts(AttentionPattern.local(8, window: 3)).reduce(0, +) == 22)
    #expect(try rowCounts(AttentionPattern.local(50, window: 7)).reduce(0, +) == 338)
    let grid = try Grid([5, 5])
    let round = try rowCounts(AttentionPattern.local(grid, distance: 2))
    #expect([round[12], round[2], round[0]] == [9, 6, 4])
    let diamond = try rowCounts(AttentionPattern.local(grid, distance: 2, p: 1))
    #expect([diamond[12], diamond[2], diamond[0]] == [5, 4, 3])
    #expect(message { _ = try AttentionPattern.local(8, window: 4) }.contains("window_size"))
  }

  @Test func `axes, windows of windows, and steps`() throws {
    #expect(try rowCounts(AttentionPattern.axial(Grid([4, 5]))).allSatisfy { $0 == 8 })
    #expect(try rowCounts(AttentionPattern.swin(8, 8, window: 4)).allSatisfy { $0 == 16 })
    let shifted = try rowCounts(AttentionPattern.swin(8, 8, window: 4, shift: 2))
    #expect([shifted[0], shifted[2], shifted[2 * 8 + 2]] == [4, 8, 16])
    let six = try rowCounts(AttentionPattern.swin(6, 6, window: 3, shift: 1))
    let first = [1, 3, 3, 3, 2, 2]
    let middle = [3, 9, 9, 9, 6, 6]
    let last = [2, 6, 6, 6, 4, 4]
    #expect(six == first + middle + middle + middle + last + last)
    let dilated = try rowCounts(AttentionPattern.dilated(5, 5))
    #expect([dilated[0], dilated[1], dilated[5], dilated[6]] == [9, 6, 6, 4])
    #expect(message { _ = try AttentionPattern.swin(6, 6, window: 4) }.contains("window_size"))
    #expect(
      message { _ = try AttentionPattern.swin(6, 6, window: 3, shift: 3) }.contains("shift_size"))
  }

  @Test func `distances`() throws {
    let bell = try AttentionPattern.gaussian(Grid([3, 3])).index(0, 0).doubles()
    let expected = [
      1, 0.606531, 0.135335, 0.606531, 0.367879, 0.082085, 0.135335, 0.082085, 0.018316,
    ]
    #expect(zip(bell, expected).allSatisfy { Swift.abs($0 - $1) < 1e-6 })
    #expect(
      try AttentionPattern.horizontalDistance(2, 3).index(0, 0).doubles() == [0, 0, 0, 1, 1, 1])
    #expect(
      try AttentionPattern.verticalDistance(2, 3).index(0, 0).doubles() == [0, 1, 2, 0, 1, 2])
  }

  @Test func `slopes`() throws {
    #expect(try Alibi.slopes(heads: 8) == (1...8).map { 1 / Double(1 << $0) })
    #expect(try Alibi.slopes(heads: 1) == [0.00390625])
    #expect(try Alibi.slopes(heads: 2) == [0.0625, 0.00390625])
    #expect(try Alibi.slopes(heads: 6) == [0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125])
    let twelve = try Alibi.slopes(heads: 12).suffix(4)
    #expect(
      zip(twelve, [0.70710678, 0.35355339, 0.1767767, 0.08838835])
        .allSatisfy { Swift.abs($0 - $1) < 1e-7 })
  }

  @Test func `random pairs`() throws {
    let generator = Generator(seed: 5)
    let pattern = try AttentionPattern.random(64, sparsity: 0.75, generator: generator)
    let count = try rowCounts(pattern).reduce(0, +)
    #expect((854...1194).contains(count))
    #expect(
      message { _ = try AttentionPattern.random(4, sparsity: 1, generator: generator) }
        .contains("sparsity"))
    let weights = try Tensor([0.0, 1, 5, 0, 2, 0.5], shape: [2, 3])
    let all = try AttentionPattern.random(weights: weights, count: 4, generator: generator)
    #expect(try all.booleans() == [false, true, true, false, true, true])
    var often = 0
    for _ in 0..<400 {
      let one = try AttentionPattern.random(weights: weights, count: 1, generator: generator)
      if try one.booleans()[2] { often += 1 }
    }
    // 5 of 8.5: a mean of 235, a deviation of 9.8.
    #expect((175...295).contains(often))
    #expect(
      message {
        _ = try AttentionPattern.random(weights: weights, count: 5, generator: generator)
      }.contains("at most the 4 pairs"))
  }
}

@Suite struct `layouts by hand` {
  private func rows(_ rule: some BlockSparsity, _ blocks: Int) throws -> [String] {
    words(try rule.layout(length: 16 * blocks, generator: Generator(seed: 0)).stored[0])
  }

  @Test func `fixed`() throws {
    var rule = FixedSparsity(numHeads: 1)
    let first = Array(repeating: "11110001", count: 4)
    #expect(try rows(rule, 8) == first + Array(repeating: "00011111", count: 4))
    rule.attention = .unidirectional
    #expect(
      try rows(rule, 8) == [
        "10000000", "11000000", "11100000", "11110000", "00011000", "00011100", "00011110",
        "00011111",
      ])
    rule.attention = .bidirectional
    rule.horizontalGlobalAttention = true
    #expect(
      try rows(rule, 7) == [
        "1111001", "1111001", "1111001", "1111111", "0001111", "0001111", "1111111",
      ])
  }

  @Test func `fixed, other for each head`() throws {
    var rule = FixedSparsity(numHeads: 4)
    rule.numDifferentGlobalPatterns = 4
    rule.differentLayoutPerHead = true
    let layout = try rule.layout(length: 128, generator: Generator(seed: 0))
    #expect(
      words(layout.stored.map { $0[0] }) == ["11110001", "11110010", "11110100", "11111000"])
  }

  @Test func `variable`() throws {
    var rule = VariableSparsity(numHeads: 1)
    let first = Array(repeating: "11110000", count: 4)
    #expect(try rows(rule, 8) == first + Array(repeating: "10001111", count: 4))
    rule.attention = .unidirectional
    #expect(
      try rows(rule, 8) == [
        "10000000", "11000000", "11100000", "11110000", "10001000", "10001100", "10001110",
        "10001111",
      ])
  }

  @Test func `longformer`() throws {
    var rule = LongformerSparsity(numHeads: 1)
    #expect(
      try rows(rule, 8) == [
        "11111111", "11100000", "11110000", "10111000", "10011100", "10001110", "10000111",
        "10000011",
      ])
    rule.attention = .unidirectional
    #expect(
      try rows(rule, 6) == ["100000", "110000", "111000", "101100", "100110", "100011"])
  }

  @Test func `the quick ones are those of the rules`() throws {
    let length = 128
    func layout(_ rule: some BlockSparsity) throws -> BlockLayout {
      try rule.layout(length: length, generator: Generator(seed: 4))
    }
    #expect(
      try BlockLayout.fixed(heads: 2, blockSize: 16, length: length)
        == layout(FixedSparsity(numHeads: 2)))
    #expect(
      try BlockLayout.variable(heads: 2, blockSize: 16, length: length)
        == layout(VariableSparsity(numHeads: 2)))
    #expect(
      try BlockLayout.longformer(heads: 2, blockSize: 16, length: length)
        == layout(LongformerSparsity(numHeads: 2)))
    let bird = try BlockLayout.bigBird(
      heads: 2, blockSize: 16, length: length, generator: Generator(seed: 4))
    #expect(try bird == layout(BigBirdSparsity(numHeads: 2)))
    let tensor = try DenseSparsity(numHeads: 2)
      .layout(length: 32, generator: Generator(seed: 0)).tensor
    #expect(try tensor.integers() == Array(repeating: 1, count: 8))
  }

  @Test(arguments: [
    (#"{"num_heads": 1, "num_global_blocks": 3}"#, "fixed", "num_global_blocks"),
    (
      #"{"num_heads": 1, "num_different_global_patterns": 2}"#, "fixed", "different_layout_per_head"
    ),
    (
      #"{"num_heads": 1, "attention": "unidirectional", "horizontal_global_attention": true}"#,
      "fixed", "horizontal_global_attention"
    ),
    (#"{"num_heads": 1, "global_block_end_indices": [0]}"#, "variable", "an end after its start"),
    (#"{"num_heads": 1, "global_block_end_indices": [1, 2]}"#, "variable", "as many ends"),
    (#"{"num_heads": 1, "num_random_blocks": 9}"#, "bigbird", "at most the 8 blocks"),
    (#"{"num_heads": 1, "num_sliding_window_blocks": 9}"#, "bigbird", "at most the 8 blocks"),
    (#"{"num_heads": 1, "attention": "both"}"#, "bigbird", "one of bidirectional, unidirectional"),
    (#"{"num_heads": 1, "attention": "both"}"#, "bslongformer", "one of bidirectional"),
    (#"{"num_heads": 1, "num_local_block": 2}"#, "fixed", "did you mean `num_local_blocks`?"),
  ])
  func `options that contradict each other are refused`(
    options: String, rule: String, expected: String
  ) throws {
    let json = try JSON(parsing: options)
    let text = message {
      let made: any BlockSparsity =
        switch rule {
        case "fixed": try FixedSparsity.decode(json)
        case "variable": try VariableSparsity.decode(json)
        case "bigbird": try BigBirdSparsity.decode(json)
        default: try LongformerSparsity.decode(json)
        }
      _ = try made.layout(length: 128, generator: Generator(seed: 0))
    }
    #expect(text.contains(expected), "\(text)")
  }
}
