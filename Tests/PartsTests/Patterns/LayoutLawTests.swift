import Parts
import Properties
import PropertiesTesting
import Testing
import Torch

@Suite(.properties) struct `laws of layouts` {
  /// A pattern of some pairs, and the side of blocks.
  private struct Pairs: Sendable {
    let heads: Int
    let blocks: Int
    let size: Int
    let seed: Int
    var length: Int { blocks * size }

    func pattern() throws -> Tensor {
      try Tensor.uniform(
        [heads, length, length], 0..<1, .float64, generator: Generator(seed: UInt64(seed))
      ) .< (0.5 / Double(size * size))
    }

    static let any = Gen<(Int, Int, Int, Int)>.zip(
      .int(1...3), .int(1...4), .int(1...3), .int(0...999)
    )
    .map { Pairs(heads: $0.0, blocks: $0.1, size: $0.2, seed: $0.3) }
  }

  private typealias Cover = @Sendable (Tensor, Int) throws -> BlockLayout

  @Test func `H06 layout-cover`() {
    let cover: Cover = { try BlockLayout(covering: $0, blockSize: $1) }
    checkHelper(
      "layout cover", Pairs.any, cover,
      wrong: [
        ("transposed", { try BlockLayout(covering: $0.transposed(), blockSize: $1) }),
        (
          "the first pair of a block only",
          { pattern, size in
            let firsts = try pattern.slice(1, 0..<pattern.size(1), step: size)
              .slice(2, 0..<pattern.size(2), step: size)
            return try BlockLayout(firsts.to(.int64))
          }
        ),
        (
          "all blocks", { try BlockLayout(covering: Tensor.full($0.shape, 1), blockSize: $1) }
        ),
      ]
    ) { cover, pairs, trial in
      let (pattern, size) = (try pairs.pattern(), pairs.size)
      let layout = try cover(pattern, size)
      let marks = try pattern.booleans()
      let length = pairs.length
      for head in 0..<pairs.heads {
        for row in 0..<pairs.blocks {
          for column in 0..<pairs.blocks {
            let holds = (0..<size * size).contains { place in
              let (i, j) = (row * size + place / size, column * size + place % size)
              return marks[(head * length + i) * length + j]
            }
            trial.expect(
              layout.stored[head][row][column] == holds, label: "a block holds a pair")
          }
        }
      }
      let spread = try layout.pattern(blockSize: size)
      trial.expect(try (spread .| .!pattern).allTrue(), label: "every pair is covered")
      trial.expect(try cover(spread, size) == layout, label: "covering twice changes nothing")
      trial.throwsSomething(label: "a size that does not divide") {
        _ = try BlockLayout(covering: pattern, blockSize: length + 1)
      }
      let stored = try layout.blocks(
        of: pattern.to(.float64).unsqueezed(0), blockSize: size)
      trial.expect(
        try stored.sum().item() == pattern.to(.float64).sum().item(), label: "nothing is lost")
    }
  }

  /// A rule with its options and a length.
  private struct Rule: Sendable {
    let heads: Int
    let blocks: Int
    let local: Int
    let global: Int
    let random: Int
    let direction: BlockDirection
    let isPerHead: Bool
    let seed: Int

    static let any = Gen<(Int, Int, Int, Int, Int, BlockDirection, Bool, Int)>.zip(
      .int(1...3), .int(3...9), .int(1...4), .int(0...2), .int(0...3),
      .element(of: BlockDirection.allCases), .bool(), .int(0...99)
    ).map {
      Rule(
        heads: $0.0, blocks: $0.1, local: $0.2, global: $0.3, random: $0.4, direction: $0.5,
        isPerHead: $0.6, seed: $0.7)
    }

    func layout(_ rule: some BlockSparsity) throws -> BlockLayout {
      try rule.layout(length: blocks * 2, generator: Generator(seed: UInt64(seed)))
    }

    var isPast: Bool { direction == .unidirectional }
  }

  private typealias Make = @Sendable (Rule) throws -> BlockLayout

  private func checkRule(
    _ name: String, _ make: @escaping Make, wrong: [(String, Make)] = [],
    isStored: @escaping @Sendable (_ rule: Rule, _ row: Int, _ column: Int) -> Bool,
    random: @escaping @Sendable (Rule) -> Int = { _ in 0 }
  ) {
    let transposed: Make = { rule in try BlockLayout(make(rule).tensor.transposed()) }
    let future: Make = { rule in
      let tensor = try make(rule).tensor
      return try BlockLayout(((tensor + tensor.transposed()) .> 0).to(.int64))
    }
    checkHelper(
      name, Rule.any, make,
      wrong: [("rows and columns exchanged", transposed), ("both directions", future)] + wrong
    ) { make, rule, trial in
      let layout = try make(rule)
      trial.expect(layout.heads == rule.heads && layout.blocks == rule.blocks, label: "shape")
      if !rule.isPerHead {
        trial.expect(
          layout.stored.allSatisfy { $0 == layout.stored[0] }, label: "one layout for all heads")
      }
      for head in layout.stored {
        for (row, blocks) in head.enumerated() {
          let isAllowed = blocks.indices.map { !rule.isPast || $0 <= row }
          let named = blocks.indices.map { isAllowed[$0] && isStored(rule, row, $0) }
          trial.expect(
            blocks.indices.allSatisfy { !named[$0] || blocks[$0] }, label: "documented blocks")
          trial.expect(
            blocks.indices.allSatisfy { !blocks[$0] || isAllowed[$0] }, label: "direction")
          let others = blocks.indices.count { blocks[$0] && !named[$0] }
          let most = min(random(rule), isAllowed.count { $0 })
          trial.expect(
            others <= most && (named.contains(true) || others == most), label: "other blocks")
        }
      }
    }
  }

  @Test func `H07 sparsity-layout: fixed and variable`() {
    checkRule(
      "fixed",
      { rule in
        var fixed = FixedSparsity(numHeads: rule.heads, blockSize: 2)
        fixed.numLocalBlocks = rule.local
        fixed.attention = rule.direction
        fixed.differentLayoutPerHead = rule.isPerHead
        return try rule.layout(fixed)
      },
      isStored: { rule, row, column in
        let end = min((column / rule.local + 1) * rule.local, rule.blocks)
        return row / rule.local == column / rule.local || column == end - 1
      })
    checkRule(
      "variable",
      { rule in
        var variable = VariableSparsity(numHeads: rule.heads, blockSize: 2)
        variable.localWindowBlocks = [1, rule.local]
        variable.globalBlockIndices = [rule.global]
        variable.numRandomBlocks = rule.random
        variable.attention = rule.direction
        variable.differentLayoutPerHead = rule.isPerHead
        return try rule.layout(variable)
      },
      isStored: { rule, row, column in
        func window(_ block: Int) -> Int { block == 0 ? 0 : 1 + (block - 1) / rule.local }
        return window(row) == window(column) || column == rule.global
      }, random: \.random)
  }

  @Test func `H07 sparsity-layout: big bird and longformer`() {
    checkRule(
      "big bird",
      { rule in
        var bird = BigBirdSparsity(numHeads: rule.heads, blockSize: 2)
        bird.numSlidingWindowBlocks = 3
        bird.numGlobalBlocks = rule.global
        bird.numRandomBlocks = rule.random
        bird.attention = rule.direction
        bird.differentLayoutPerHead = rule.isPerHead
        return try rule.layout(bird)
      },
      wrong: [
        (
          "one layout too many",
          { rule in
            var bird = BigBirdSparsity(numHeads: rule.heads, blockSize: 2)
            bird.numRandomBlocks = 3
            bird.differentLayoutPerHead = true
            return try rule.layout(bird)
          }
        )
      ],
      isStored: { rule, row, column in
        Swift.abs(row - column) <= 1 || row < rule.global || column < rule.global
      }, random: \.random)
    checkRule(
      "longformer",
      { rule in
        var longformer = LongformerSparsity(numHeads: rule.heads, blockSize: 2)
        longformer.globalBlockIndices = [rule.global]
        longformer.globalBlockEndIndices = [rule.global + rule.local]
        longformer.attention = rule.direction
        return try rule.layout(longformer)
      },
      isStored: { rule, row, column in
        let range = rule.global..<rule.global + rule.local
        return Swift.abs(row - column) <= 1 || range.contains(row) || range.contains(column)
      })
  }

  @Test func `H07 sparsity-layout: random blocks are spread evenly`() throws {
    var bird = BigBirdSparsity(numHeads: 400, blockSize: 1)
    (bird.numSlidingWindowBlocks, bird.numGlobalBlocks) = (1, 0)
    (bird.numRandomBlocks, bird.differentLayoutPerHead) = (2, true)
    let layout = try bird.layout(length: 8, generator: Generator(seed: 3))
    for row in 0..<8 {
      for column in 0..<8 where column != row {
        let count = layout.stored.count { $0[row][column] }
        // 2 of 8 in each of 400 heads: a mean of 100, a deviation of 8.7.
        #expect((47...153).contains(count), "block \(row), \(column): \(count)")
      }
    }
  }
}

extension Trial {
  /// Asserts that a body throws an error about a part's options or tensors.
  mutating func throwsSomething(label: String, _ body: () throws -> Void) {
    do {
      try body()
      expect(false, label: label, "\(label): nothing was thrown")
    } catch { expect(error is PartError, label: label, "\(error)") }
  }
}
