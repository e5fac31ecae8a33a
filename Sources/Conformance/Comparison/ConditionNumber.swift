internal import Oracles
internal import Torch

/// How much a matrix stretches, and how far its inverse amplifies errors.
enum Spectrum {
  /// The singular values of each matrix `[…, r, c]`, the largest first, min(r, c) of each.
  static func singularValues(_ matrices: Tensor) throws -> [[Double]] {
    let (rows, columns) = (matrices.size(-2), matrices.size(-1))
    // Columns are rotated against each other, so that there must be no more of them than rows.
    let tall = rows < columns ? try matrices.transposed().contiguous() : matrices
    let numbers = try tall.detached().doubles()
    let (length, width) = (max(rows, columns), min(rows, columns))
    return stride(from: 0, to: numbers.count, by: length * width).map { start in
      let vectors = (0..<width).map { column in
        (0..<length).map { numbers[start + $0 * width + column] }
      }
      return lengths(ofOrthogonal: vectors)
    }
  }

  /// The largest condition number κ₂ = σ₁ / σₙ of some matrices `[…, r, c]`.
  static func condition(_ matrices: Tensor) throws -> Double {
    try singularValues(matrices).map { $0[0] / $0[$0.count - 1] }.max() ?? 1
  }

  /// Rotates vectors in pairs until all are orthogonal (Jacobi), and measures them.
  private static func lengths(ofOrthogonal given: [[Double]]) -> [Double] {
    var vectors = given
    func product(_ a: Int, _ b: Int) -> Double {
      zip(vectors[a], vectors[b]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    for _ in 0..<60 {
      var settled = true
      for a in vectors.indices {
        for b in vectors.indices where b > a {
          let (first, second, both) = (product(a, a), product(b, b), product(a, b))
          if abs(both) <= .ulpOfOne * (first * second).squareRoot() { continue }
          settled = false
          let ratio = (second - first) / (2 * both)
          let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
          let cosine = 1 / (1 + tangent * tangent).squareRoot()
          for index in vectors[a].indices {
            let (x, y) = (vectors[a][index], vectors[b][index])
            vectors[a][index] = cosine * (x - tangent * y)
            vectors[b][index] = cosine * (y + tangent * x)
          }
        }
      }
      if settled { break }
    }
    return vectors.indices.map { product($0, $0).squareRoot() }.sorted(by: >)
  }
}
