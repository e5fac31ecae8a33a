import Foundation
import Parts
import Properties
import PropertiesTesting
import Testing
import Torch

/// A grid with a number for the pattern's option.
private struct GridCase: Sendable {
  let rows: Int
  let columns: Int
  let number: Int
  var count: Int { rows * columns }
  func row(_ index: Int) -> Int { index / columns }
  func column(_ index: Int) -> Int { index % columns }

  static let any = Gen<(Int, Int, Int)>.zip(.int(1...6), .int(1...6), .int(1...4))
    .map { GridCase(rows: $0.0, columns: $0.1, number: $0.2) }
}

private typealias Pattern = @Sendable (GridCase) throws -> Tensor
private typealias Definition = @Sendable (GridCase, Int, Int) -> Bool

@Suite(.properties) struct `laws of patterns` {
  private func checkPattern(
    _ name: String, _ pattern: @escaping Pattern, wrong: [(String, Pattern)],
    _ definition: @escaping Definition
  ) {
    checkHelper(name, GridCase.any, pattern, wrong: wrong) { pattern, grid, trial in
      try trial.relation(pattern(grid), name) { definition(grid, $0, $1) }
    }
  }

  @Test func `H03 pattern-definition: causal and local`() {
    checkPattern(
      "causal", { try AttentionPattern.causal($0.count) },
      wrong: [
        ("strictly past", { try AttentionPattern.causal($0.count).lowerTriangle(-1) }),
        ("transposed", { try AttentionPattern.causal($0.count).transposed() }),
      ]
    ) { $2 <= $1 }
    checkPattern(
      "local", { try AttentionPattern.local($0.count, window: 2 * $0.number - 1) },
      wrong: [
        (
          "one wider to each side",
          { try AttentionPattern.local($0.count, window: 2 * $0.number + 1) }
        )
      ]
    ) { Swift.abs($1 - $2) <= $0.number - 1 }
  }

  @Test func `H03 pattern-definition: grids`() {
    @Sendable func grid(_ grid: GridCase) throws -> Grid { try Grid([grid.rows, grid.columns]) }
    @Sendable func turned(_ grid: GridCase) throws -> Grid { try Grid([grid.columns, grid.rows]) }
    checkPattern(
      "axial", { try AttentionPattern.axial(grid($0)) },
      wrong: [("column-major", { try AttentionPattern.axial(turned($0)) })]
    ) { $0.row($1) == $0.row($2) || $0.column($1) == $0.column($2) }
    for p in [0.0, 1, 2, 3] {
      checkPattern(
        "within a distance, p = \(p)",
        { try AttentionPattern.local(grid($0), distance: Double($0.number), p: p) },
        wrong: [
          (
            "at the distance as well",
            { try AttentionPattern.distance(grid($0), p: p) .<= Double($0.number) }
          ),
          (
            "column-major",
            { try AttentionPattern.local(turned($0), distance: Double($0.number), p: p) }
          ),
        ]
      ) { grid, a, b in
        let offsets = [grid.row(a) - grid.row(b), grid.column(a) - grid.column(b)].map {
          Double(Swift.abs($0))
        }
        let norm =
          p == 0
          ? Double(offsets.count { $0 > 0 }) : pow(pow(offsets[0], p) + pow(offsets[1], p), 1 / p)
        return norm < Double(grid.number)
      }
    }
    checkPattern(
      "dilated", { try AttentionPattern.dilated($0.rows, $0.columns, step: $0.number) },
      wrong: [
        ("step 1", { try AttentionPattern.dilated($0.rows, $0.columns, step: 1) }),
        (
          "column-major", { try AttentionPattern.dilated($0.columns, $0.rows, step: $0.number) }
        ),
      ]
    ) { grid, a, b in
      (grid.row(a) - grid.row(b)) % grid.number == 0
        && (grid.column(a) - grid.column(b)) % grid.number == 0
    }
  }

  @Test func `H03 pattern-definition: global tokens and distances`() {
    @Sendable func marks(_ grid: GridCase) -> [Bool] {
      (0..<grid.count).map { $0 % (grid.number + 1) == 1 }
    }
    checkPattern(
      "global", { try AttentionPattern.global(marks($0)) },
      wrong: [
        (
          "columns only",
          { try Tensor(marks($0), shape: [1, $0.count]).expanded([$0.count, -1]).contiguous() }
        )
      ]
    ) { marks($0)[$1] || marks($0)[$2] }
    typealias Matrix = @Sendable (GridCase) throws -> Tensor
    let gaussian: Matrix = {
      try AttentionPattern.gaussian(Grid([$0.rows, $0.columns]), sigma: Double($0.number))
    }
    checkHelper(
      "gaussian", GridCase.any, gaussian,
      wrong: [
        ("without the 2", { try gaussian($0) * gaussian($0) }),
        (
          "σ instead of σ²",
          {
            let root = Double($0.number).squareRoot()
            return try AttentionPattern.gaussian(Grid([$0.rows, $0.columns]), sigma: root)
          }
        ),
      ]
    ) { gaussian, grid, trial in
      let values = try gaussian(grid).doubles()
      for index in values.indices {
        let (a, b) = (index / grid.count, index % grid.count)
        let (dy, dx) = (grid.row(a) - grid.row(b), grid.column(a) - grid.column(b))
        let expected = exp(-Double(dy * dy + dx * dx) / Double(2 * grid.number * grid.number))
        trial.expect(
          Swift.abs(values[index] - expected) <= expected * 1e-12, label: "exp(−d²/2σ²)")
      }
    }
  }

  @Test func `H04 swin-partition`() {
    struct Windows: Sendable {
      let rows: Int
      let columns: Int
      let window: Int
      let shift: Int
    }
    let any = Gen<(Int, Int, Int, Int)>.zip(.int(1...3), .int(1...3), .int(1...4), .int(0...3)).map
    {
      Windows(rows: $0.0 * $0.2, columns: $0.1 * $0.2, window: $0.2, shift: $0.3 % $0.2)
    }
    typealias Make = @Sendable (Windows) throws -> Tensor
    let swin: Make = {
      try AttentionPattern.swin($0.rows, $0.columns, window: $0.window, shift: $0.shift)
    }
    checkHelper(
      "swin", any, swin,
      wrong: [
        ("no shift", { try AttentionPattern.swin($0.rows, $0.columns, window: $0.window) }),
        (
          "the other way",
          {
            let back = ($0.window - $0.shift) % $0.window
            return try AttentionPattern.swin($0.rows, $0.columns, window: $0.window, shift: back)
          }
        ),
        (
          "neighbourhoods instead of classes",
          {
            try AttentionPattern.local(
              Grid([$0.rows, $0.columns]), distance: Double($0.window), p: .infinity)
          }
        ),
      ]
    ) { swin, grid, trial in
      // Classes are rectangles between the borders shift, shift + w, … on both axes.
      func part(_ place: Int) -> Int {
        (0..<place + 1).count { $0 % grid.window == grid.shift && $0 > 0 }
      }
      let pattern = try swin(grid)
      try trial.relation(pattern, "classes") { a, b in
        part(a / grid.columns) == part(b / grid.columns)
          && part(a % grid.columns) == part(b % grid.columns)
      }
      let pairs = try pattern.to(.float64)
      trial.expect(
        try pattern.equals(pattern.transposed()).allTrue(), label: "symmetric")
      let twice = try pairs.matmul(pairs) .> 0
      trial.expect(try twice.equals(pattern).allTrue(), label: "reflexive and transitive")
      guard grid.shift == 0 else { return }
      let count = grid.window * grid.window
      trial.expect(
        try rowCounts(pattern).allSatisfy { $0 == count }, label: "w² tokens in each class")
    }
  }

  @Test func `H05 alibi: slopes`() {
    typealias Make = @Sendable (Int) throws -> [Double]
    let slopes: Make = { try Alibi.slopes(heads: $0) }
    let geometric: Make = { heads in
      (0..<heads).map { exp2(-8 * Double($0 + 1) / Double(heads)) }
    }
    checkHelper(
      "alibi slopes", .int(1...16), slopes,
      wrong: [
        ("geometric for any number of heads", geometric),
        ("of the next power, cut off", { Array(try Alibi.slopes(heads: 16).prefix($0)) }),
      ]
    ) { slopes, heads, trial in
      let found = try slopes(heads)
      let power = 1 << (Int.bitWidth - 1 - heads.leadingZeroBitCount)
      trial.expect(found.count == heads, label: "one a head")
      for (head, slope) in found.enumerated() {
        let exponent =
          head < power
          ? 8 * Double(head + 1) / Double(power)
          : 8 * Double(2 * (head - power) + 1) / Double(2 * power)
        trial.expect(Swift.abs(slope - exp2(-exponent)) <= 1e-15, label: "slope \(head)")
      }
    }
  }

  @Test func `H05 alibi: bias and pattern, after any earlier call`() {
    struct Heads: Sendable {
      let heads: Int
      let length: Int
      let threshold: Double
    }
    let any = Gen<(Int, Int, Int)>.zip(.int(1...6), .int(1...6), .int(0...8))
      .map { Heads(heads: $0.0, length: $0.1, threshold: Double($0.2) / 7) }
    typealias Make = @Sendable (Heads) throws -> (bias: Tensor, pattern: Tensor)
    let alibi: Make = {
      (
        try Alibi.bias(heads: $0.heads, length: $0.length, causal: true, .float64),
        try Alibi.pattern(threshold: $0.threshold, heads: $0.heads, length: $0.length)
      )
    }
    let byKey: Make = {
      let slopes = try Tensor(Alibi.slopes(heads: $0.heads), shape: [$0.heads, 1, 1])
      let keys = try Tensor.range($0.length, .float64).expanded([$0.heads, $0.length, $0.length])
      let right = try alibi($0)
      return (right.bias, try slopes * keys .< $0.threshold)
    }
    let oneHead: Make = {
      let slopes = try Alibi.slopes(heads: 4)
      let right = try alibi($0)
      let wrong = try (0..<$0.heads).map { head in
        try right.bias.index(0, 0) * (slopes[head % 4] / slopes[0])
      }
      return (try Tensor.stack(wrong, 0), right.pattern)
    }
    checkHelper(
      "alibi bias", any, alibi,
      wrong: [("the key's position as distance", byKey), ("the slopes of four heads", oneHead)]
    ) { alibi, given, trial in
      let (bias, pattern) = try alibi(given)
      let slopes = try Alibi.slopes(heads: given.heads)
      let (numbers, pairs) = (try bias.doubles(), try pattern.booleans())
      trial.expect(bias.shape == [given.heads, given.length, given.length], label: "shape")
      for index in numbers.indices {
        let (h, i, j) = (
          index / given.length / given.length, index / given.length % given.length,
          index % given.length
        )
        let expected = j > i ? -.infinity : -slopes[h] * Double(i - j)
        trial.expect(
          numbers[index] == expected || Swift.abs(numbers[index] - expected) <= 1e-12,
          label: "bias")
        trial.expect(
          pairs[index] == (slopes[h] * Double(Swift.abs(i - j)) < given.threshold),
          label: "pattern")
      }
    }
  }

  @Test func `H10 softmax`() {
    typealias Softmax = @Sendable (Tensor) throws -> Tensor
    let rows = Gen<[[Int]]>.list(
      of: .list(of: .int(-1001...1001), count: 4...4), count: 1...4)
    @Sendable func naive(_ x: Tensor, _ peak: Tensor) throws -> Tensor {
      let powers = try (x - peak).exp()
      return try powers / powers.sum(-1, keep: true)
    }
    checkHelper(
      "softmax", rows, { try $0.safeSoftmax(-1) } as Softmax,
      wrong: [
        ("no maximum", { try naive($0, Tensor.zeros([1], .float64)) }),
        ("the maximum of all", { try naive($0, $0.maximum()) }),
        ("0/0 without entries", { try $0.softmax(-1) }),
        ("another axis", { try $0.safeSoftmax(0) }),
      ]
    ) { softmax, rows, trial in
      // Numbers at the ends stand for −∞.
      let logits = try Tensor(
        rows.flatMap { $0.map { Swift.abs($0) == 1001 ? -.infinity : Double($0) } },
        shape: [rows.count, 4])
      let weights = try softmax(logits)
      let (numbers, given) = (try weights.doubles(), try logits.doubles())
      for row in 0..<rows.count {
        let (weights, logits) = (
          numbers[row * 4..<row * 4 + 4].map(\.self), given[row * 4..<row * 4 + 4].map(\.self)
        )
        let isEmpty = logits.allSatisfy { $0 == -.infinity }
        let sum = weights.reduce(0, +)
        trial.expect(weights.allSatisfy { $0 >= 0 }, label: "not negative")
        trial.expect(Swift.abs(sum - (isEmpty ? 0 : 1)) <= 1e-12, label: "sum")
        for (a, b) in [(0, 1), (1, 2), (2, 3)] {
          trial.expect(
            logits[a] < logits[b] ? weights[a] <= weights[b] : weights[a] >= weights[b],
            label: "order kept")
        }
      }
      let moved = try softmax(logits + 8).doubles()
      trial.expect(
        zip(moved, numbers).allSatisfy { Swift.abs($0 - $1) <= 1e-12 }, label: "shift invariant")
      let empty = try softmax(Tensor.full([1, 4], -.infinity, .float64)).doubles()
      trial.expect(empty.allSatisfy { $0 == 0 }, label: "nothing but −∞ gives 0")
    }
  }
}
