import Oracles
import Testing

/// A B for two matrices.
private func product(_ left: Values, _ right: Values) -> Values {
  var result = Values.zeros([left.shape[0], right.shape[1]])
  for i in 0..<left.shape[0] {
    for j in 0..<right.shape[1] {
      for k in 0..<left.shape[1] { result[i, j] += left[i, k] * right[k, j] }
    }
  }
  return result
}

private func transposed(_ a: Values) -> Values {
  var result = Values.zeros([a.shape[1], a.shape[0]])
  for i in 0..<a.shape[0] {
    for j in 0..<a.shape[1] { result[j, i] = a[i, j] }
  }
  return result
}

private func norm(_ a: Values) -> Double {
  a.values.map { $0 * $0 }.reduce(0, +).squareRoot()
}

private func softmaxRows(of size: Int, diagonal: Double) -> Values {
  matrix((0..<size).map { i in softmaxRow((0..<size).map { $0 == i ? diagonal : 0 }) })
}

@Suite struct `pseudo-inverses` {
  /// ‖A Z A − A‖ / ‖A‖ after some iterations.
  func residual(_ a: Values, _ iterations: Int) -> Double {
    let z = pseudoInverseRazavi(a, iterations: iterations)
    let difference = product(product(a, z), a)
    var error = difference
    for index in 0..<error.values.count { error.values[index] -= a.values[index] }
    return norm(error) / norm(a)
  }

  @Test func `the iteration leaves the residuals of the original`() {
    let recorded: [(Values, [Int: Double])] = [
      (softmaxRows(of: 4, diagonal: 3), [0: 2.6e-1, 1: 2.2e-2, 2: 1.1e-5]),
      (softmaxRows(of: 8, diagonal: 1), [0: 4.1e-1, 1: 3.8e-1, 2: 3.0e-1, 3: 1.4e-1, 4: 1.4e-2]),
      (
        matrix([[0.7, 0.2, 0.1], [0.1, 0.7, 0.2], [0.2, 0.1, 0.7]]),
        [0: 4.3e-1, 1: 1.9e-1, 2: 1.4e-2, 3: 5.7e-6]
      ),
      (
        matrix([[0.6, 0.4, 0], [0.3, 0.5, 0.2], [0.1, 0.1, 0.8]]),
        [0: 3.1e-1, 1: 1.5e-1, 2: 1.0e-1, 3: 4.3e-2, 4: 2.6e-3]
      ),
    ]
    for (a, values) in recorded {
      for (iterations, expected) in values {
        // The record has two digits.
        #expect(abs(residual(a, iterations) - expected) <= 0.04 * expected)
      }
      #expect(residual(a, 8) < 1e-14)
    }
  }

  @Test func `the identity and the uniform matrix need no iteration`() {
    var identity = Values.zeros([4, 4])
    for i in 0..<4 { identity[i, i] = 1 }
    let uniform = Values(shape: [4, 4], values: [Double](repeating: 0.25, count: 16))
    for iterations in 0..<5 {
      #expect(residual(identity, iterations) < 1e-15)
      #expect(residual(uniform, iterations) < 1e-15)
    }
  }

  @Test func `one step maps the residual R to three quarters of its cube and a quarter more`() {
    let a = matrix((0..<5).map { i in softmaxRow(filled([5], seed: UInt64(i)).values) })
    func residualMatrix(_ iterations: Int) -> Values {
      var r = product(a, pseudoInverseRazavi(a, iterations: iterations))
      for i in 0..<5 {
        for j in 0..<5 { r[i, j] = (i == j ? 1 : 0) - r[i, j] }
      }
      return r
    }
    let before = residualMatrix(2)
    let cube = product(before, product(before, before))
    let fourth = product(before, cube)
    var expected = cube
    for index in 0..<25 {
      expected.values[index] = 0.75 * cube.values[index] + 0.25 * fourth.values[index]
    }
    #expect(norm(expected) > 1e-3)
    expectClose(residualMatrix(3), expected, within: 1e-14)
  }

  @Test func `the first iterate is the transpose over the largest column sum or a given norm`() {
    let a = matrix([[0.5, 0.5], [0.25, 0.75], [1, 0]])
    expectClose(
      pseudoInverseRazavi(a, iterations: 0),
      matrix([[0.5 / 1.75, 0.25 / 1.75, 1 / 1.75], [0.5 / 1.75, 0.75 / 1.75, 0]]))
    expectClose(
      pseudoInverseRazavi(a, iterations: 0, initialNorm: 2),
      matrix([[0.25, 0.125, 0.5], [0.25, 0.375, 0]]))
  }

  @Test(arguments: [[4, 4], [6, 3], [3, 6], [1, 5], [5, 1]])
  func `the Jacobi inverse fulfils the four conditions of Penrose`(_ shape: [Int]) {
    let a = filled(shape, seed: 7)
    let z = jacobiPseudoInverse(a)
    expectClose(product(product(a, z), a), a, within: 1e-13)
    expectClose(product(product(z, a), z), z, within: 1e-12)
    expectClose(transposed(product(a, z)), product(a, z), within: 1e-13)
    expectClose(transposed(product(z, a)), product(z, a), within: 1e-13)
  }

  @Test func `the Jacobi inverse drops singular values below its tolerance`() {
    // Singular values 2 and 1e-3 in a rotated frame would do; on the diagonal it can be read off.
    let a = matrix([[2, 0], [0, 1e-3]])
    expectClose(jacobiPseudoInverse(a), matrix([[0.5, 0], [0, 1000]]), within: 1e-9)
    expectClose(jacobiPseudoInverse(a, rtol: 1e-2), matrix([[0.5, 0], [0, 0]]))

    // Rank one: the inverse of x yᵀ is y xᵀ / (|x|² |y|²).
    let rankOne = matrix([[1, 2, 2], [2, 4, 4]])
    expectClose(
      jacobiPseudoInverse(rankOne),
      matrix([[1.0 / 45, 2.0 / 45], [2.0 / 45, 4.0 / 45], [2.0 / 45, 4.0 / 45]]),
      within: 1e-15)
  }

  @Test func `the zero matrix has the inverse zero`() {
    #expect(pseudoInverseRazavi(.zeros([2, 3]), iterations: 6) == .zeros([3, 2]))
    #expect(jacobiPseudoInverse(.zeros([2, 3])) == .zeros([3, 2]))
  }

  @Test func `both inverses agree on a wide matrix of full rank`() {
    let a = matrix(
      (0..<3).map { i in
        softmaxRow((0..<5).map { $0 == i ? 3.0 : filled([5], seed: UInt64(i)).values[$0] })
      })
    expectClose(
      pseudoInverseRazavi(a, iterations: 12), jacobiPseudoInverse(a), within: 1e-12)
  }
}
