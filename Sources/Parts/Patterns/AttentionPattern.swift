public import Torch

/// Patterns of pairs of tokens, Bool `[n, n]`, true = may attend, to be used as masks.
///
/// Tokens of a grid are numbered row by row. Names in parentheses are those of the original zoo.
public enum AttentionPattern {
  /// Keys up to the query's own position, j ≤ i (`causal_1d_pattern`).
  public static func causal(_ length: Int) throws -> Tensor {
    try Grid([length]).pattern { $1[0] <= $0[0] }
  }

  /// Keys at most (w − 1)/2 away (`local_1d_pattern`).
  ///
  /// - Throws: `PartError` for an even window.
  public static func local(_ length: Int, window: Int) throws -> Tensor {
    guard window >= 1, window % 2 == 1 else {
      throw PartError(.value(key: "window_size", expected: "an odd number", got: "\(window)"))
    }
    return try Grid([length]).pattern { abs($0[0] - $1[0]) <= window / 2 }
  }

  /// Keys less than a distance away in the p-norm (`local_nd_pattern`, `local_2d_pattern`).
  public static func local(_ grid: Grid, distance: Double, p: Double = 2) throws -> Tensor {
    try Self.distance(grid, p: p) .< distance
  }

  /// Keys that differ from the query in at most one coordinate (`axial_nd_pattern`, `axial_2d_pattern`).
  public static func axial(_ grid: Grid) throws -> Tensor {
    try grid.pattern { a, b in zip(a, b).count { $0 != $1 } <= 1 }
  }

  /// Pairs of which at least one token is marked (`global_token_pattern`).
  public static func global(_ marks: [Bool]) throws -> Tensor {
    try Grid([marks.count]).pattern { marks[$0[0]] || marks[$1[0]] }
  }

  /// Pairs, each kept with probability 1 − sparsity (`random_pattern`).
  ///
  /// - Throws: `PartError` unless the sparsity lies between 0 and 1, bounds excluded.
  public static func random(_ length: Int, sparsity: Double, generator: Generator) throws -> Tensor
  {
    guard sparsity > 0, sparsity < 1 else {
      throw PartError(
        .value(key: "sparsity", expected: "a number above 0 and below 1", got: "\(sparsity)"))
    }
    return try Tensor.uniform([length, length], 0..<1, .float64, generator: generator)
      .> sparsity
  }

  /// A number of pairs, drawn without repetition in proportion to their weights
  /// (`random_pattern_from_probability_matrix`).
  ///
  /// By Efraimidis and Spirakis, 2006: the pairs with the largest u^(1/weight).
  ///
  /// - Parameters:
  ///   - weights: numbers from 0, `[n, m]`; those of 0 are never drawn.
  ///   - count: how many pairs are drawn.
  ///   - generator: draws the pairs.
  /// - Throws: `PartError` for invalid weights, or if fewer than `count` are above 0.
  public static func random(weights: Tensor, count: Int, generator: Generator) throws -> Tensor {
    let values = try weights.doubles()
    guard weights.rank == 2, values.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw PartError(
        .content(
          tensor: "weights", expected: "a matrix of numbers from 0", got: "\(weights.shape)"))
    }
    let positive = values.indices.filter { values[$0] > 0 }
    guard (0...positive.count).contains(count) else {
      throw PartError(
        .value(
          key: "nnz", expected: "at most the \(positive.count) pairs with a weight above 0",
          got: "\(count)"))
    }
    // In logarithms, since for small weights all powers would underflow to 0.
    let keys = try Tensor.uniform([values.count], 0..<1, .float64, generator: generator)
      .log().doubles()
    let drawn = positive.sorted { keys[$0] / values[$0] > keys[$1] / values[$1] }.prefix(count)
    var pairs = [Bool](repeating: false, count: values.count)
    for index in drawn { pairs[index] = true }
    return try Tensor(pairs, shape: weights.shape)
  }

  /// Tokens in the same window of a shifted grid of windows; windows at the border are cut off
  /// (`swin_attention_pattern`).
  ///
  /// [Liu et al., 2021](https://arxiv.org/abs/2103.14030). Nothing wraps around.
  ///
  /// - Throws: `PartError` for a window that does not divide both sides, or a shift not below it.
  public static func swin(_ rows: Int, _ columns: Int, window: Int, shift: Int = 0) throws
    -> Tensor
  {
    guard window >= 1, rows % window == 0, columns % window == 0 else {
      throw PartError(
        .value(
          key: "window_size", expected: "a divisor of \(rows) and \(columns)", got: "\(window)"))
    }
    guard (0..<window).contains(shift) else {
      throw PartError(
        .value(key: "shift_size", expected: "from 0 below \(window)", got: "\(shift)"))
    }
    func part(_ place: Int) -> Int { (place + window - shift) / window }
    return try Grid([rows, columns]).pattern { a, b in
      part(a[0]) == part(b[0]) && part(a[1]) == part(b[1])
    }
  }

  /// Keys whose row and column are multiples of k away (`dilated_2d_pattern`).
  ///
  /// - Throws: `PartError` for a step below 1.
  public static func dilated(_ rows: Int, _ columns: Int, step: Int = 2) throws -> Tensor {
    guard step >= 1 else {
      throw PartError(.value(key: "k", expected: "at least 1", got: "\(step)"))
    }
    return try Grid([rows, columns]).pattern { a, b in
      (a[0] - b[0]) % step == 0 && (a[1] - b[1]) % step == 0
    }
  }
}
