/// The iterative pseudo-inverse of [Razavi et al., 2014](https://doi.org/10.1155/2014/563787).
///
/// Z₀ = Aᵀ / c, then Z ← ¼ Z (13 I − A Z (15 I − A Z (7 I − A Z))), as in
/// [Xiong et al., 2021](https://arxiv.org/abs/2102.03902), equation 11. A need not be square: for
/// A `[r, c]` the products A Z are `[r, r]`. The zero matrix has the pseudo-inverse zero.
///
/// - Parameters:
///   - matrix: A, `[r, c]`.
///   - iterations: the number of times that Z is replaced.
///   - initialNorm: c, or nil for the largest column sum of magnitudes of A, its norm ‖A‖₁.
/// - Returns: Z, `[c, r]`.
public func pseudoInverseRazavi(
  _ matrix: Values, iterations: Int, initialNorm: Double? = nil
) -> Values {
  precondition(matrix.rank == 2, "a matrix has two axes, not shape \(matrix.shape)")
  precondition(iterations >= 0, "iterations must not be negative: \(iterations)")
  let (rows, columns) = (matrix.shape[0], matrix.shape[1])
  let norm = initialNorm ?? largestColumnSum(matrix)
  var inverse = Values.zeros([columns, rows])
  if norm == 0 { return inverse }
  for r in 0..<rows {
    for c in 0..<columns { inverse[c, r] = matrix[r, c] / norm }
  }
  for _ in 0..<iterations {
    // AZ
    var product = Values.zeros([rows, rows])
    for r in 0..<rows {
      for s in 0..<rows {
        for c in 0..<columns { product[r, s] += matrix[r, c] * inverse[c, s] }
      }
    }
    // 15 I − AZ (7 I − AZ)
    var inner = Values.zeros([rows, rows])
    for r in 0..<rows {
      for s in 0..<rows {
        inner[r, s] = r == s ? 15 : 0
        for t in 0..<rows {
          inner[r, s] -= product[r, t] * ((t == s ? 7 : 0) - product[t, s])
        }
      }
    }
    // 13 I − AZ (15 I − AZ (7 I − AZ))
    var outer = Values.zeros([rows, rows])
    for r in 0..<rows {
      for s in 0..<rows {
        outer[r, s] = r == s ? 13 : 0
        for t in 0..<rows { outer[r, s] -= product[r, t] * inner[t, s] }
      }
    }
    // ¼ Z (…)
    var next = Values.zeros([columns, rows])
    for c in 0..<columns {
      for s in 0..<rows {
        for t in 0..<rows { next[c, s] += 0.25 * inverse[c, t] * outer[t, s] }
      }
    }
    inverse = next
  }
  return inverse
}

/// The largest column sum of magnitudes, ‖A‖₁; 0 for a matrix without columns.
public func largestColumnSum(_ matrix: Values) -> Double {
  precondition(matrix.rank == 2, "a matrix has two axes, not shape \(matrix.shape)")
  var largest = 0.0
  for c in 0..<matrix.shape[1] {
    var sum = 0.0
    for r in 0..<matrix.shape[0] { sum += abs(matrix[r, c]) }
    largest = max(largest, sum)
  }
  return largest
}

/// The pseudo-inverse by a singular value decomposition, with one-sided Jacobi rotations.
///
/// Columns of W = A V are rotated in pairs until all are orthogonal; their lengths σ are then the
/// singular values, and A⁺ = V diag(1/σ²) Wᵀ over the σ above `rtol` times the largest.
///
/// - Parameters:
///   - matrix: A, `[r, c]`.
///   - rtol: the relative size below which a singular value counts as zero, or nil for
///     max(r, c) · 2⁻⁵², the default of torch for float64.
/// - Returns: A⁺, `[c, r]`.
public func jacobiPseudoInverse(_ matrix: Values, rtol: Double? = nil) -> Values {
  precondition(matrix.rank == 2, "a matrix has two axes, not shape \(matrix.shape)")
  let (rows, columns) = (matrix.shape[0], matrix.shape[1])
  if rows < columns {
    // (Aᵀ)⁺ = (A⁺)ᵀ, and the rotations need a matrix that is not wide.
    return transpose(jacobiPseudoInverse(transpose(matrix), rtol: rtol))
  }
  var rotated = matrix
  var rotation = Values.zeros([columns, columns])
  for c in 0..<columns { rotation[c, c] = 1 }

  var settled = false
  var sweeps = 0
  while !settled && sweeps < 100 {
    settled = true
    sweeps += 1
    for a in 0..<columns {
      for b in (a + 1)..<max(columns, a + 1) {
        var (alpha, beta, gamma) = (0.0, 0.0, 0.0)
        for r in 0..<rows {
          alpha += rotated[r, a] * rotated[r, a]
          beta += rotated[r, b] * rotated[r, b]
          gamma += rotated[r, a] * rotated[r, b]
        }
        let negligible = Double.ulpOfOne * alpha.squareRoot() * beta.squareRoot()
        if abs(gamma) <= negligible { continue }
        settled = false
        // The rotation that makes the two columns orthogonal, by its smaller angle.
        let zeta = (beta - alpha) / (2 * gamma)
        let tangent = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
        let cosine = 1 / (1 + tangent * tangent).squareRoot()
        let sine = cosine * tangent
        for r in 0..<rows {
          let (left, right) = (rotated[r, a], rotated[r, b])
          rotated[r, a] = cosine * left - sine * right
          rotated[r, b] = sine * left + cosine * right
        }
        for r in 0..<columns {
          let (left, right) = (rotation[r, a], rotation[r, b])
          rotation[r, a] = cosine * left - sine * right
          rotation[r, b] = sine * left + cosine * right
        }
      }
    }
  }

  var singular = [Double](repeating: 0, count: columns)
  var largest = 0.0
  for c in 0..<columns {
    for r in 0..<rows { singular[c] += rotated[r, c] * rotated[r, c] }
    singular[c] = singular[c].squareRoot()
    largest = max(largest, singular[c])
  }
  let cutoff = (rtol ?? Double(max(rows, columns)) * Double.ulpOfOne) * largest

  var inverse = Values.zeros([columns, rows])
  for c in 0..<columns where singular[c] > cutoff {
    for i in 0..<columns {
      for r in 0..<rows {
        inverse[i, r] += rotation[i, c] / singular[c] * (rotated[r, c] / singular[c])
      }
    }
  }
  return inverse
}

private func transpose(_ matrix: Values) -> Values {
  var result = Values.zeros([matrix.shape[1], matrix.shape[0]])
  for r in 0..<matrix.shape[0] {
    for c in 0..<matrix.shape[1] { result[c, r] = matrix[r, c] }
  }
  return result
}
