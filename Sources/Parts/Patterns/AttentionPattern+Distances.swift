internal import Foundation
public import Torch

extension AttentionPattern {
  /// The p-norm of the difference of two positions (`local_nd_distance`, `local_2d_distance`).
  ///
  /// - Parameters:
  ///   - grid: the tokens.
  ///   - p: the norm; 0 counts the coordinates that differ.
  ///   - weights: factors of the coordinates; by default 1.
  /// - Returns: a matrix `[n, n]` in double precision.
  /// - Throws: `PartError` for a negative p, or if there is not one weight for each axis.
  public static func distance(_ grid: Grid, p: Double = 2, weights: [Double]? = nil) throws
    -> Tensor
  {
    guard p >= 0 else {
      throw PartError(.value(key: "p", expected: "0 or more", got: "\(p)"))
    }
    let factors = weights ?? grid.sizes.map { _ in 1 }
    guard factors.count == grid.sizes.count else {
      throw PartError(
        .value(
          key: "weights", expected: "one for each of \(grid.sizes.count) axes",
          got: "\(factors.count)"))
    }
    return try grid.matrix { a, b in
      let offsets = factors.indices.map { abs(factors[$0] * Double(a[$0] - b[$0])) }
      if p == 0 { return Double(offsets.count { $0 > 0 }) }
      if p == .infinity { return offsets.max() ?? 0 }
      return pow(offsets.reduce(0) { $0 + pow($1, p) }, 1 / p)
    }
  }

  /// The distance between rows only (`horizontal_axial_2d_distance`).
  public static func horizontalDistance(_ rows: Int, _ columns: Int, p: Double = 2) throws
    -> Tensor
  {
    try distance(Grid([rows, columns]), p: p, weights: [1, 0])
  }

  /// The distance between columns only (`vertical_axial_2d_distance`).
  public static func verticalDistance(_ rows: Int, _ columns: Int, p: Double = 2) throws -> Tensor {
    try distance(Grid([rows, columns]), p: p, weights: [0, 1])
  }

  /// exp(−d²/2σ²) of the Euclidean distance (`local_nd_gaussian_distribution`,
  /// `local_2d_gausian_distribution`).
  ///
  /// - Throws: `PartError` unless σ is above 0.
  public static func gaussian(_ grid: Grid, sigma: Double = 1) throws -> Tensor {
    guard sigma > 0 else {
      throw PartError(.value(key: "sigma", expected: "a number above 0", got: "\(sigma)"))
    }
    let distance = try distance(grid)
    return try (distance * distance * (-1 / (2 * sigma * sigma))).exp()
  }
}
