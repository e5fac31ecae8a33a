import Oracles
import Testing

/// Numbers between −1 and 1 that differ from entry to entry and from seed to seed.
func filled(_ shape: [Int], seed: UInt64) -> Values {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
  let numbers = (0..<shape.reduce(1, *)).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 40) / Double(1 << 23) - 1
  }
  return Values(shape: shape, values: numbers)
}

/// A matrix from its rows.
func matrix(_ rows: [[Double]]) -> Values {
  Values(shape: [rows.count, rows[0].count], values: rows.flatMap { $0 })
}

/// Expects equal shapes and entries that differ by no more than `tolerance`.
func expectClose(
  _ got: Values, _ expected: Values, within tolerance: Double = 1e-12,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard got.shape == expected.shape else {
    Issue.record("shape \(got.shape), not \(expected.shape)", sourceLocation: sourceLocation)
    return
  }
  for index in 0..<got.values.count {
    let (left, right) = (got.values[index], expected.values[index])
    // Written so that NaN fails.
    if !(abs(left - right) <= tolerance) {
      Issue.record(
        "entry \(index) of \(got.shape) is \(left), not \(right)", sourceLocation: sourceLocation)
      return
    }
  }
}

/// Expects the numbers of an array of any shape.
func expectClose(
  _ got: Values, _ expected: [Double], within tolerance: Double = 1e-12,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(got.values.count == expected.count, sourceLocation: sourceLocation)
  guard got.values.count == expected.count else { return }
  expectClose(
    got, Values(shape: got.shape, values: expected), within: tolerance,
    sourceLocation: sourceLocation)
}

/// The largest magnitude in the difference of two arrays of one shape.
func distance(_ left: Values, _ right: Values) -> Double {
  zip(left.values, right.values).map { abs($0 - $1) }.max() ?? 0
}

/// One item of the first axis.
func item(_ array: Values, _ index: Int) -> Values {
  let size = array.shape.dropFirst().reduce(1, *)
  return Values(
    shape: [1] + Array(array.shape.dropFirst()),
    values: Array(array.values[index * size..<(index + 1) * size]))
}

/// The first rows of each item of an array `[N, S, D]`.
func prefix(_ array: Values, _ rows: Int) -> Values {
  var result = Values.zeros([array.shape[0], rows, array.shape[2]])
  for n in 0..<array.shape[0] {
    for s in 0..<rows {
      for d in 0..<array.shape[2] { result[n, s, d] = array[n, s, d] }
    }
  }
  return result
}

/// A call of an attention.
func attention(
  _ oracle: Oracle, _ q: Values, _ k: Values, _ v: Values,
  _ options: [String: OracleOption] = [:], masks: [String: Values] = [:],
  parameters: [String: Values] = [:]
) throws -> Values {
  let inputs = masks.merging(["q": q, "k": k, "v": v]) { mask, _ in mask }
  return try oracle.evaluate(OracleCall(options: options, inputs: inputs, parameters: parameters))
}
