import Oracles
import Testing

@Suite struct `softmax attentions` {
  @Test func `two keys and a query along the first weigh by a sigmoid`() throws {
    let q = Values(shape: [1, 1, 4], values: [2, 0, 0, 0])
    let k = Values(shape: [1, 2, 4], values: [1, 0, 0, 0, 0, 1, 0, 0])
    let v = Values(shape: [1, 2, 1], values: [1, 0])
    expectClose(try attention(.scaledDotProduct, q, k, v), [0.731058578630005])
  }

  @Test func `a causal zero query averages the past`() throws {
    let zero = Values.zeros([1, 4, 2])
    let v = Values(shape: [1, 4, 1], values: [1, 2, 3, 6])
    let output = try attention(.scaledDotProduct, zero, zero, v, ["causal": true])
    expectClose(output, [1, 1.5, 2, 3])
  }

  @Test(arguments: [Oracle.scaledDotProduct, .local, .nystrom].map(\.name))
  func `a constant value comes back`(_ name: String) throws {
    let (q, k) = (filled([2, 7, 3], seed: 1), filled([2, 7, 3], seed: 2))
    let v = Values(shape: [2, 7, 2], values: [Double](repeating: 2.5, count: 28))
    let output = try attention(try Oracles.named(name), q, k, v)
    expectClose(output, [Double](repeating: 2.5, count: 28))
  }

  @Test func `large logits stay finite and an additive bias is not scaled`() throws {
    let q = Values(shape: [1, 1, 4], values: [1e8, 0, 0, 0])
    let k = Values(shape: [1, 2, 4], values: [1, 0, 0, 0, 1, 0, 0, 0])
    let v = Values(shape: [1, 2, 1], values: [1, 0])
    let bias = matrix([[1, 0]])
    let output = try attention(.scaledDotProduct, q, k, v, masks: ["additive_mask": bias])
    expectClose(output, [0.731058578630005], within: 1e-7)
  }

  @Test func `a mask by batch item repeats over its heads`() throws {
    let zero = Values.zeros([4, 3, 2])
    let v = Values(shape: [4, 3, 1], values: (0..<4).flatMap { _ in [1.0, 2, 6] })
    let free: [Double] = [1, 1, 1, 1, 1, 1, 1, 1, 1]
    let causal: [Double] = [1, 0, 0, 1, 1, 0, 1, 1, 1]
    let mask = Values(shape: [2, 3, 3], values: free + causal)
    let output = try attention(.scaledDotProduct, zero, zero, v, masks: ["boolean_mask": mask])
    expectClose(output, [3, 3, 3, 3, 3, 3, 1, 1.5, 3, 1, 1.5, 3])

    let byHead = Values(shape: [2, 2, 3, 3], values: free + causal + causal + free)
    let other = try attention(.scaledDotProduct, zero, zero, v, masks: ["boolean_mask": byHead])
    expectClose(other, [3, 3, 3, 1, 1.5, 3, 1, 1.5, 3, 3, 3, 3])
  }

  @Test(arguments: [Oracle.scaledDotProduct, .local].map(\.name))
  func `boolean, additive and padding masks intersect, and what they hide is never read`(
    _ name: String
  ) throws {
    let oracle = try Oracles.named(name)
    let options: [String: OracleOption] = name == "local" ? ["window_size": 9] : [:]
    let (q, k, v) = (
      filled([4, 5, 3], seed: 1), filled([4, 5, 3], seed: 2), filled([4, 5, 2], seed: 3)
    )
    let boolean = Values(shape: [5, 5], values: (0..<25).map { $0 % 4 == 0 ? 0 : 1 })
    let additive = Values(shape: [5, 5], values: (0..<25).map { $0 % 7 == 3 ? -.infinity : 0.5 })
    let padding = Values(shape: [2, 5], values: [1, 1, 1, 0, 0, 0, 1, 1, 1, 1])
    var joint = Values.zeros([2, 5, 5])
    for b in 0..<2 {
      for i in 0..<5 {
        for j in 0..<5 where boolean[i, j] == 1 && additive[i, j] == 0.5 && padding[b, j] == 1 {
          joint[b, i, j] = 1
        }
      }
    }
    let masks = [
      "boolean_mask": boolean, "additive_mask": additive, "key_padding_mask": padding,
    ]
    let output = try attention(oracle, q, k, v, options, masks: masks)
    let expected = try attention(oracle, q, k, v, options, masks: ["boolean_mask": joint])
    expectClose(output, expected)

    var (hiddenKeys, hiddenValues) = (k, v)
    for n in 0..<4 {
      for j in 0..<5 where padding[n / 2, j] == 0 {
        for d in 0..<3 { hiddenKeys[n, j, d] = .nan }
        for c in 0..<2 { hiddenValues[n, j, c] = .nan }
      }
    }
    #expect(try attention(oracle, q, hiddenKeys, hiddenValues, options, masks: masks) == output)
  }

  @Test(arguments: [Oracle.scaledDotProduct, .local].map(\.name))
  func `a query without a key gives zero and a broken query gives not a number`(
    _ name: String
  ) throws {
    let oracle = try Oracles.named(name)
    var q = filled([1, 3, 2], seed: 1)
    let (k, v) = (filled([1, 3, 2], seed: 2), filled([1, 3, 2], seed: 3))
    q[0, 2, 0] = .nan
    let mask = matrix([[1, 1, 1], [0, 0, 0], [1, 1, 1]])
    let output = try attention(oracle, q, k, v, masks: ["boolean_mask": mask])
    #expect(output[0, 0, 0].isFinite && output[0, 0, 0] != 0)
    #expect(output[0, 1, 0] == 0 && output[0, 1, 1] == 0)
    #expect(output[0, 2, 0].isNaN)
  }

  @Test func `heads as an axis are the folded heads`() throws {
    let (q, k, v) = (
      filled([6, 4, 3], seed: 1), filled([6, 5, 3], seed: 2), filled([6, 5, 2], seed: 3)
    )
    let folded = try attention(.scaledDotProduct, q, k, v)
    let apart = try attention(
      .scaledDotProduct, q.reshaped([2, 3, 4, 3]), k.reshaped([2, 3, 5, 3]),
      v.reshaped([2, 3, 5, 2]))
    #expect(apart == folded.reshaped([2, 3, 4, 2]))
  }

  @Test func `a window of three sees two or three keys, a causal one up to four`() throws {
    // With zero queries the output at a one-hot value is 1 / (number of keys) where it is seen.
    let zero = Values.zeros([1, 8, 1])
    var identity = Values.zeros([1, 8, 8])
    for j in 0..<8 { identity[0, j, j] = 1 }
    func counts(_ causal: Bool) throws -> [Int] {
      let output = try attention(
        .local, zero, zero, identity, ["window_size": 3, "causal": .bool(causal)])
      return (0..<8).map { i in (0..<8).count { output[0, i, $0] > 0 } }
    }
    #expect(try counts(false) == [2, 3, 3, 3, 3, 3, 3, 2])
    #expect(try counts(true) == [1, 2, 3, 4, 4, 4, 4, 4])
  }

  @Test func `a wide window is scaled dot product, a window of one is the value`() throws {
    let (q, k, v) = (
      filled([2, 6, 3], seed: 1), filled([2, 6, 3], seed: 2), filled([2, 6, 4], seed: 3)
    )
    expectClose(
      try attention(.local, q, k, v, ["window_size": 11]),
      try attention(.scaledDotProduct, q, k, v))
    expectClose(
      try attention(.local, q, k, v, ["window_size": 5, "causal": true]),
      try attention(.scaledDotProduct, q, k, v, ["causal": true]))
    #expect(try attention(.local, q, k, v, ["window_size": 1]) == v)
  }

  @Test func `linformer with identities is scaled dot product`() throws {
    let (q, k, v) = (
      filled([2, 5, 3], seed: 1), filled([2, 5, 3], seed: 2), filled([2, 5, 4], seed: 3)
    )
    var identity = Values.zeros([5, 5])
    for a in 0..<5 { identity[a, a] = 1 }
    expectClose(
      try attention(.linformer, q, k, v, parameters: ["E": identity, "F": identity]),
      try attention(.scaledDotProduct, q, k, v))
  }

  @Test func `linformer on a short call uses the first columns, and padding counts as zero`() throws
  {
    let (q, k, v) = (
      filled([4, 5, 3], seed: 1), filled([4, 5, 3], seed: 2), filled([4, 5, 2], seed: 3)
    )
    let (e, f) = (filled([3, 8], seed: 4), filled([3, 8], seed: 5))
    var (shortE, shortF) = (Values.zeros([3, 5]), Values.zeros([3, 5]))
    for a in 0..<3 {
      for j in 0..<5 { (shortE[a, j], shortF[a, j]) = (e[a, j], f[a, j]) }
    }
    let long = try attention(.linformer, q, k, v, ["seq_len": 8], parameters: ["E": e, "F": f])
    let short = try attention(.linformer, q, k, v, parameters: ["E": shortE, "F": shortF])
    #expect(long == short)

    let padding = Values(shape: [2, 5], values: [1, 1, 1, 0, 0, 1, 1, 1, 1, 0])
    let output = try attention(
      .linformer, q, k, v, masks: ["key_padding_mask": padding], parameters: ["E": e, "F": f])
    var (zeroedKeys, zeroedValues) = (k, v)
    for n in 0..<4 {
      for j in 0..<5 where padding[n / 2, j] == 0 {
        for d in 0..<3 { zeroedKeys[n, j, d] = 0 }
        for c in 0..<2 { zeroedValues[n, j, c] = 0 }
      }
    }
    let expected = try attention(
      .linformer, q, zeroedKeys, zeroedValues, parameters: ["E": e, "F": f])
    expectClose(output, expected)
    #expect(distance(output, long) > 1e-3)
  }

  @Test func `linformer with one slot ignores queries and keys`() throws {
    let v = filled([1, 4, 2], seed: 3)
    let (e, f) = (filled([1, 4], seed: 4), filled([1, 4], seed: 5))
    let output = try attention(
      .linformer, filled([1, 4, 3], seed: 1), filled([1, 4, 3], seed: 2), v,
      parameters: ["E": e, "F": f])
    for c in 0..<2 {
      let projected = (0..<4).map { f[0, $0] * v[0, $0, c] }.reduce(0, +)
      for i in 0..<4 { #expect(abs(output[0, i, c] - projected) < 1e-14) }
    }
  }
}
