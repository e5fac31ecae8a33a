import Oracles
import Testing

@Suite struct `nystrom` {
  let exact: [String: OracleOption] = ["use_razavi_pinverse": false]

  @Test func `segments are short ones first, then longer by one`() {
    func sizes(_ length: Int, _ count: Int) -> [Int] {
      landmarkSegments(length: length, count: count).map(\.count)
    }
    #expect(sizes(8, 4) == [2, 2, 2, 2])
    #expect(sizes(10, 4) == [2, 2, 3, 3])
    #expect(sizes(11, 4) == [2, 3, 3, 3])
    #expect(sizes(7, 3) == [2, 2, 3])
    #expect(
      sizes(900, 33) == [Int](repeating: 27, count: 24) + [Int](repeating: 28, count: 9))
    let joined = landmarkSegments(length: 11, count: 4).flatMap { Array($0) }
    #expect(joined == Array(0..<11))
  }

  @Test func `as many landmarks as keys are exact, with padding as mask`() throws {
    let (q, k, v) = (
      filled([4, 6, 3], seed: 1), filled([4, 6, 3], seed: 2), filled([4, 6, 2], seed: 3)
    )
    let masks = [
      "key_padding_mask": Values(shape: [2, 6], values: [1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    ]
    for landmarks in [6, 7, 64] {
      let options: [String: OracleOption] = ["num_landmarks": .integer(landmarks)]
      #expect(
        try attention(.nystrom, q, k, v, options)
          == attention(.scaledDotProduct, q, k, v))
      #expect(
        try attention(.nystrom, q, k, v, options, masks: masks)
          == attention(.scaledDotProduct, q, k, v, masks: masks))
    }
  }

  @Test func `equal tokens give the mean of the values`() throws {
    let q = Values(shape: [1, 7, 2], values: (0..<14).map { $0 % 2 == 0 ? 0.3 : -1 })
    let v = filled([1, 7, 1], seed: 3)
    let mean = v.values.reduce(0, +) / 7
    for options in [[:], exact] {
      let all = options.merging(["num_landmarks": 3]) { old, _ in old }
      expectClose(
        try attention(.nystrom, q, q, v, all), [Double](repeating: mean, count: 7), within: 1e-14)
    }
  }

  @Test(arguments: [12, 13, 14])
  func `queries and keys constant on each segment make it exact`(_ length: Int) throws {
    let segments = landmarkSegments(length: length, count: 4)
    let (queryMeans, keyMeans) = (filled([4, 6], seed: 1), filled([4, 6], seed: 2))
    var (q, k) = (Values.zeros([1, length, 6]), Values.zeros([1, length, 6]))
    for (a, segment) in segments.enumerated() {
      for t in segment {
        for d in 0..<6 { (q[0, t, d], k[0, t, d]) = (3 * queryMeans[a, d], 3 * keyMeans[a, d]) }
      }
    }
    let v = filled([1, length, 2], seed: 3)
    let expected = try attention(.scaledDotProduct, q, k, v)
    let options = exact.merging(["num_landmarks": 4]) { old, _ in old }
    expectClose(try attention(.nystrom, q, k, v, options), expected, within: 1e-11)
    expectClose(
      try attention(.nystrom, q, k, v, ["num_landmarks": 4, "inv_iterations": 40]), expected,
      within: 1e-11)
  }

  /// K₁ K₂⁺ K₃ v for D = Dv = 1 from given landmarks; `real` are the keys that count.
  func byHand(
    _ q: [Double], _ k: [Double], _ v: [Double], queryMeans: [Double], keyMeans: [Double],
    real: [Int]
  ) -> [Double] {
    let kernel = queryMeans.map { a in softmaxRow(keyMeans.map { a * $0 }) }
    let inverse = pseudoInverseRazavi(matrix(kernel), iterations: 6)
    var summary: [Double] = []
    for a in queryMeans {
      let weights = softmaxRow(real.map { a * k[$0] })
      summary.append(zip(weights, real).map { $0 * v[$1] }.reduce(0, +))
    }
    return q.map { query in
      let weights = softmaxRow(keyMeans.map { query * $0 })
      var sum = 0.0
      for a in 0..<queryMeans.count {
        for b in 0..<keyMeans.count { sum += weights[b] * inverse[b, a] * summary[a] }
      }
      return sum
    }
  }

  func column(_ numbers: [Double]) -> Values {
    Values(shape: [1, numbers.count, 1], values: numbers)
  }

  @Test func `it is the product of its three kernels`() throws {
    let q: [Double] = [0.5, 1.5, -1, 2]
    let k: [Double] = [1, 0, -1, 2, 0.5]
    let v: [Double] = [1, -2, 3, 0, 5]
    let expected = byHand(
      q, k, v, queryMeans: [1, 0.5], keyMeans: [0.5, 0.5], real: [0, 1, 2, 3, 4])
    let output = try attention(.nystrom, column(q), column(k), column(v), ["num_landmarks": 2])
    expectClose(output, expected, within: 1e-14)
  }

  @Test func `fewer queries than landmarks are exact under an exact inverse`() throws {
    let (q, k, v) = (
      filled([2, 3, 4], seed: 1), filled([2, 11, 4], seed: 2), filled([2, 11, 2], seed: 3)
    )
    let options = exact.merging(["num_landmarks": 5]) { old, _ in old }
    expectClose(
      try attention(.nystrom, q, k, v, options), try attention(.scaledDotProduct, q, k, v),
      within: 1e-9)
  }

  @Test(arguments: [true, false])
  func `padding of whole last segments is truncation`(_ iterative: Bool) throws {
    let (q, k, v) = (
      filled([4, 12, 3], seed: 1), filled([4, 12, 3], seed: 2), filled([4, 12, 2], seed: 3)
    )
    let real: [Double] = [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    let masks = ["key_padding_mask": Values(shape: [2, 12], values: real + real)]
    let skip = ["skip": filled([2, 1, 3, 1], seed: 4)]
    func options(_ landmarks: Int) -> [String: OracleOption] {
      ["num_landmarks": .integer(landmarks), "use_razavi_pinverse": .bool(iterative)]
    }
    let padded = try attention(.nystrom, q, k, v, options(4), masks: masks, parameters: skip)
    let truncated = try attention(
      .nystrom, prefix(q, 6), prefix(k, 6), prefix(v, 6), options(2), parameters: skip)
    expectClose(prefix(padded, 6), truncated, within: 1e-12)
    #expect(
      distance(prefix(padded, 6), prefix(try attention(.nystrom, q, k, v, options(4)), 6)) > 1e-3)
  }

  @Test func `a landmark is the mean of the real tokens of its segment`() throws {
    // Token 1 is padding: the segments of queries and keys are {0}, {2, 3}, {4, 5}.
    let masks = ["key_padding_mask": matrix([[1, 0, 1, 1, 1, 1]])]
    let q = filled([6], seed: 1).values.map { 2 * $0 }
    var (k, v) = (filled([6], seed: 2).values.map { 2 * $0 }, filled([6], seed: 3).values)
    func means(_ x: [Double]) -> [Double] { [x[0], (x[2] + x[3]) / 2, (x[4] + x[5]) / 2] }
    let expected = byHand(
      q, k, v, queryMeans: means(q), keyMeans: means(k), real: [0, 2, 3, 4, 5])
    (k[1], v[1]) = (.nan, .nan)
    let output = try attention(
      .nystrom, column(q), column(k), column(v), ["num_landmarks": 3], masks: masks)
    expectClose(output, expected, within: 1e-13)

    // The content of a padded query affects only its own row.
    var broken = q
    broken[1] = .nan
    let other = try attention(
      .nystrom, column(broken), column(k), column(v), ["num_landmarks": 3], masks: masks)
    for i in [0, 2, 3, 4, 5] { #expect(output[0, i, 0] == other[0, i, 0]) }
  }

  @Test func `with unequal lengths the mask applies to keys only`() throws {
    // Keys 5 to 8 are padding, so one of three key landmarks is left out and one is a mean of two;
    // the three query landmarks stay, and K₂ is effectively [3, 2].
    let masks = ["key_padding_mask": matrix([[1, 1, 1, 1, 1, 0, 0, 0, 0]])]
    let q = filled([4], seed: 1).values.map { 2 * $0 }
    var (k, v) = (filled([9], seed: 2).values.map { 2 * $0 }, filled([9], seed: 3).values)
    let expected = byHand(
      q, k, v, queryMeans: [q[0], q[1], (q[2] + q[3]) / 2],
      keyMeans: [(k[0] + k[1] + k[2]) / 3, (k[3] + k[4]) / 2], real: [0, 1, 2, 3, 4])
    for j in 5..<9 { (k[j], v[j]) = (.nan, .nan) }
    let output = try attention(
      .nystrom, column(q), column(k), column(v), ["num_landmarks": 3], masks: masks)
    expectClose(output, expected, within: 1e-13)
  }

  @Test func `an item of padding gives zero and does not affect the others`() throws {
    let (q, k, v) = (
      filled([2, 6, 3], seed: 1), filled([2, 6, 3], seed: 2), filled([2, 6, 2], seed: 3)
    )
    let masks = [
      "key_padding_mask": matrix([[1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]])
    ]
    for iterative in [true, false] {
      let options: [String: OracleOption] = [
        "num_landmarks": 3, "use_razavi_pinverse": .bool(iterative),
      ]
      let output = try attention(
        .nystrom, q, k, v, options, masks: masks,
        parameters: ["skip": filled([1, 1, 3, 1], seed: 4)])
      #expect(item(output, 1).values.allSatisfy { $0 == 0 })
      #expect(item(output, 0).values.allSatisfy { $0.isFinite && $0 != 0 })
    }
  }

  @Test func `the original start couples the items of a batch`() throws {
    let (q, k, v) = (
      filled([2, 6, 3], seed: 1), filled([2, 6, 3], seed: 2), filled([2, 6, 2], seed: 3)
    )
    func together(_ original: Bool) throws -> Double {
      let options: [String: OracleOption] = [
        "num_landmarks": 3, "inv_iterations": 2, "pinverse_original_init": .bool(original),
      ]
      let both = try attention(.nystrom, q, k, v, options)
      return try (0..<2).map { n in
        let alone = try attention(.nystrom, item(q, n), item(k, n), item(v, n), options)
        return distance(item(both, n), alone)
      }.max() ?? 0
    }
    #expect(try together(false) == 0)
    #expect(try together(true) > 1e-6)
  }

  @Test(arguments: [3, 16])
  func `the skip adds a convolution of each head's values`(_ landmarks: Int) throws {
    let (q, k, v) = (
      filled([4, 8, 3], seed: 1), filled([4, 8, 3], seed: 2), filled([4, 8, 2], seed: 3)
    )
    let weight = filled([2, 1, 5, 1], seed: 4)
    let options: [String: OracleOption] = ["num_landmarks": .integer(landmarks), "num_heads": 2]
    let without = try attention(.nystrom, q, k, v, options)
    let with = try attention(.nystrom, q, k, v, options, parameters: ["skip": weight])
    var expected = without
    for n in 0..<4 {
      for t in 0..<8 {
        for source in max(0, t - 2)...min(7, t + 2) {
          for c in 0..<2 {
            expected[n, t, c] += weight[n % 2, 0, source - t + 2, 0] * v[n, source, c]
          }
        }
      }
    }
    expectClose(with, expected, within: 1e-14)
    #expect(distance(with, without) > 1e-2)
  }
}
