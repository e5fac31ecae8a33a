import Oracles
import Testing

@Suite struct `fourier mixing` {
  private func mixed(_ x: Values) throws -> Values { try attention(.fourierMix, x, x, x) }

  @Test func `one token with one channel becomes a wave`() throws {
    var x = Values.zeros([1, 3, 4])
    x[0, 1, 3] = 1
    var expected = Values.zeros([1, 3, 4])
    for s in 0..<3 {
      for e in 0..<4 {
        // cos 2π(s/3 + 3e/4), of which the quarters are exact.
        let thirds = [1, -0.5, -0.5][s]
        let sine = [0, 0.8660254037844386, -0.8660254037844386][s]
        expected[0, s, e] = [thirds, sine, -thirds, -sine][e]
      }
    }
    expectClose(try mixed(x), expected, within: 1e-14)
  }

  @Test func `ones become their number, in the first place`() throws {
    let ones = Values(shape: [1, 4, 6], values: [Double](repeating: 1, count: 24))
    var expected = Values.zeros([1, 4, 6])
    expected[0, 0, 0] = 24
    expectClose(try mixed(ones), expected, within: 1e-12)
  }

  @Test func `twice is the input and its reverse`() throws {
    let x = filled([2, 5, 3], seed: 1)
    var expected = x
    for n in 0..<2 {
      for s in 0..<5 {
        for e in 0..<3 {
          expected[n, s, e] = 7.5 * (x[n, s, e] + x[n, (5 - s) % 5, (3 - e) % 3])
        }
      }
    }
    expectClose(try mixed(mixed(x)), expected, within: 1e-12)
  }
}

@Suite struct `pooling` {
  private func pooled(_ x: Values, _ options: [String: OracleOption] = [:]) throws -> Values {
    try attention(.pooling, x, x, x, options)
  }

  @Test func `a ramp keeps its inside and loses its border`() throws {
    let ramp = Values(shape: [1, 16, 1], values: (0..<16).map(Double.init))
    expectClose(
      try pooled(ramp),
      [2.5, 2, 2, 1.5, 0.5, 0, 0, -0.5, 0.5, 0, 0, -0.5, -1.5, -2, -2, -2.5], within: 1e-14)
  }

  @Test func `one cell is shared among nine`() throws {
    var x = Values.zeros([1, 25, 1])
    x[0, 12, 0] = 1
    let near: Set = [6, 7, 8, 11, 13, 16, 17, 18]
    expectClose(
      try pooled(x), (0..<25).map { $0 == 12 ? -8.0 / 9 : near.contains($0) ? 1.0 / 9 : 0 },
      within: 1e-15)
  }

  @Test func `equal cells give nothing, and so does a window of one`() throws {
    let equal = Values(shape: [1, 9, 2], values: [Double](repeating: 2.5, count: 18))
    expectClose(try pooled(equal, ["pool_size": 5]), [Double](repeating: 0, count: 18))
    let x = filled([2, 9, 2], seed: 1)
    #expect(try pooled(x, ["pool_size": 1]) == Values.zeros([2, 9, 2]))
  }

  @Test func `options that change the number of tokens are refused`() {
    let x = filled([1, 9, 2], seed: 1)
    for options: [String: OracleOption] in [
      ["pool_size": 2], ["stride": 2], ["padding": 0], ["pool_size": 5, "padding": 1],
    ] {
      #expect(throws: OracleError.self) { try pooled(x, options) }
    }
    #expect(throws: OracleError.self) { try pooled(filled([1, 8, 2], seed: 1)) }
  }
}

@Suite struct `visual attention` {
  /// One channel, whose layers are single taps.
  private func parameters(near: Values, wide: Values, nearBias: Double = 0) -> [String: Values] {
    let one = Values(shape: [1, 1, 1, 1], values: [1])
    var parameters = [
      "input_weight": one, "gate_weight": one, "output_weight": one, "near_weight": near,
      "wide_weight": wide,
    ]
    for layer in ["input", "near", "wide", "gate", "output"] {
      parameters["\(layer)_bias"] = Values(shape: [1], values: [layer == "near" ? nearBias : 0])
    }
    return parameters
  }

  @Test func `a gate of one leaves the activation`() throws {
    var centre = Values.zeros([1, 1, 7, 7])
    centre[0, 0, 3, 3] = 1
    let parameters = parameters(near: .zeros([1, 1, 5, 5]), wide: centre, nearBias: 1)
    let x = Values(shape: [1, 4, 1], values: [-1, 2, 0, 1])
    expectClose(
      try attention(.visual, x, x, x, parameters: parameters),
      [-1.158655, 3.9545, 0, 1.841345], within: 1e-6)
  }

  @Test func `a cell is seen by eleven rows and columns around it`() throws {
    let parameters = parameters(
      near: Values(shape: [1, 1, 5, 5], values: [Double](repeating: 1, count: 25)),
      wide: Values(shape: [1, 1, 7, 7], values: [Double](repeating: 1, count: 49)))
    let side = 31
    let ones = Values(
      shape: [1, side * side, 1], values: [Double](repeating: 1, count: side * side))
    var changed = ones
    changed[0, side * side / 2, 0] = 3
    let before = try attention(.visual, ones, ones, ones, parameters: parameters)
    let after = try attention(.visual, changed, changed, changed, parameters: parameters)
    let moved = (0..<side * side).filter { before[0, $0, 0] != after[0, $0, 0] }
    #expect(moved.count == 529)
    #expect(moved.allSatisfy { abs($0 / side - 15) <= 11 && abs($0 % side - 15) <= 11 })
  }

  @Test func `a tap looks to its own side`() throws {
    var (near, wide) = (Values.zeros([1, 1, 5, 5]), Values.zeros([1, 1, 7, 7]))
    near[0, 0, 2, 3] = 1  // One column to the right.
    wide[0, 0, 4, 3] = 1  // Three rows below.
    let x = filled([1, 16, 1], seed: 1)
    let output = try attention(
      .visual, x, x, x, parameters: parameters(near: near, wide: wide))
    func activated(_ token: Int) throws -> Double {
      try Oracle.activation.evaluate(
        OracleCall(
          options: ["activation": "gelu"],
          inputs: ["x": Values(shape: [1], values: [x[0, token, 0]])]))[0]
    }
    let expected = try (0..<16).map { token in
      let (row, column) = (token / 4 + 3, token % 4 + 1)
      let seen = row < 4 && column < 4 ? try activated(row * 4 + column) : 0
      return try x[0, token, 0] + activated(token) * seen
    }
    expectClose(output, expected, within: 1e-14)
  }
}

@Suite struct `compositional attention` {
  /// Projections of four channels, two heads of two, and the scores of two retrievals of two.
  private func parameters(_ scorer: [String: [Int]]) -> [String: Values] {
    var parameters: [String: Values] = [:]
    let shapes = scorer.merging(["q": [4, 4], "k": [4, 4], "v": [4, 4], "out": [4, 4]]) { $1 }
    for (index, (layer, shape)) in shapes.sorted(by: { $0.key < $1.key }).enumerated() {
      parameters["\(layer)_weight"] = filled(shape, seed: UInt64(20 + index))
      parameters["\(layer)_bias"] = filled([shape[0]], seed: UInt64(40 + index))
    }
    return parameters
  }

  private func answer(
    _ x: Values, _ options: [String: OracleOption], _ parameters: [String: Values],
    masks: [String: Values] = [:]
  ) throws -> Values {
    try attention(
      .compositional, x, x, x, options.merging(["num_heads": 2]) { $1 }, masks: masks,
      parameters: parameters)
  }

  private let x = filled([2, 3, 4], seed: 1)
  private let linear: [String: [Int]] = ["value_q": [4, 4], "score1": [1, 4]]

  @Test func `one retrieval is multi-head attention with one value for all heads`() throws {
    var parameters = parameters(["value_q": [4, 4], "score1": [1, 6], "out": [4, 8]])
    parameters["out_weight"] = filled([4, 8], seed: 9)
    let output = try answer(x, ["num_rules": 1], parameters)
    // The same by the dispatch, with the values repeated for each of two heads.
    var doubled = Values.zeros([8, 4])
    var offset = Values.zeros([8])
    for row in 0..<8 {
      for column in 0..<4 { doubled[row, column] = parameters["v_weight"]![row % 4, column] }
      offset[row] = parameters["v_bias"]![row % 4]
    }
    var dispatched: [String: Values] = [:]
    for letter in ["q", "k", "out"] {
      dispatched["\(letter)_weight"] = parameters["\(letter)_weight"]
      dispatched["\(letter)_bias"] = parameters["\(letter)_bias"]
    }
    dispatched["v_weight"] = doubled
    dispatched["v_bias"] = offset
    let expected = try Oracle.multihead.evaluate(
      OracleCall(
        options: ["num_heads": 2, "attention": ["name": "scaled_dot_product"]],
        inputs: ["query": x], parameters: dispatched))
    expectClose(output, expected)
  }

  @Test func `the retrieval query of a linear score cancels`() throws {
    var parameters = parameters(linear)
    let before = try answer(x, [:], parameters)
    parameters["value_q_weight"] = filled([4, 4], seed: 99)
    expectClose(try answer(x, [:], parameters), before)
    parameters["score1_weight"] = filled([1, 4], seed: 98)
    #expect(try distance(answer(x, [:], parameters), before) > 1e-3)
  }

  @Test(arguments: [false, true])
  func `composed retrieval queries stay in their item`(usesProducts: Bool) throws {
    let options: [String: OracleOption] = [
      "q_compose": true, "qk_rule": .bool(usesProducts), "nonlinear": .bool(!usesProducts),
    ]
    let parameters = parameters(
      usesProducts
        ? ["value_q": [3, 2], "value_k": [3, 2]]
        : ["value_q": [3, 2], "score1": [3, 5], "score2": [1, 3]])
    var changed = x
    for s in 0..<3 {
      for e in 0..<4 { changed[0, s, e] += 1 }
    }
    let (before, after) = (
      try answer(x, options, parameters), try answer(changed, options, parameters)
    )
    #expect(item(before, 1) == item(after, 1))
    #expect(distance(item(before, 0), item(after, 0)) > 1e-3)
  }

  @Test func `a query without keys gives the last offset`() throws {
    let parameters = parameters(linear)
    let mask = Values(shape: [3, 3], values: [1, 1, 1, 0, 0, 0, 1, 0, 0])
    let output = try answer(x, [:], parameters, masks: ["boolean_mask": mask])
    for b in 0..<2 {
      for e in 0..<4 { #expect(output[b, 1, e] == parameters["out_bias"]![e]) }
    }
    // Its first token alone: row 2.
    let first = try attention(
      .compositional, x, prefix(x, 1), prefix(x, 1), ["num_heads": 2], parameters: parameters)
    for e in 0..<4 { #expect(abs(output[0, 2, e] - first[0, 2, e]) < 1e-14) }
  }

  @Test func `parameters that do not fit are named`() {
    var parameters = parameters(linear)
    parameters["out_weight"] = filled([4, 3], seed: 1)
    let error = #expect(throws: OracleError.self) { try answer(x, [:], parameters) }
    #expect(error?.subject == "parameter `out_weight`")
  }
}
