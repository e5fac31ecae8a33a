import Oracles
import Testing

@Suite struct `positions` {
  func sineTable(length: Int, width: Int) throws -> Values {
    try Oracle.sine.evaluate(OracleCall(inputs: ["x": .zeros([1, length, width])]))
  }

  @Test func `the sine table has its known values`() throws {
    let table = try sineTable(length: 6, width: 8)
    func row(_ table: Values, _ t: Int) -> Values {
      Values(shape: [table.shape[2]], values: (0..<table.shape[2]).map { table[0, t, $0] })
    }
    expectClose(row(table, 0), [0, 1, 0, 1, 0, 1, 0, 1])
    expectClose(
      row(table, 1),
      [0.841471, 0.540302, 0.099833, 0.995004, 0.010000, 0.999950, 0.001000, 1.000000],
      within: 1e-6)
    expectClose(
      row(table, 5),
      [-0.958924, 0.283662, 0.479426, 0.877583, 0.049979, 0.998750, 0.005000, 0.999987],
      within: 1e-6)
    expectClose(
      row(try sineTable(length: 2, width: 5), 1),
      [0.841471, 0.540302, 0.025116, 0.999685, 0.000631], within: 1e-6)
  }

  @Test func `sine adds its table, and a number of a flat input stands for a row`() throws {
    let x = filled([2, 3, 4], seed: 1)
    let table = try sineTable(length: 3, width: 4)
    let output = try Oracle.sine.evaluate(OracleCall(inputs: ["x": x]))
    for b in 0..<2 {
      for t in 0..<3 {
        for c in 0..<4 { #expect(output[b, t, c] == x[b, t, c] + table[0, t, c]) }
      }
    }
    let flat = try Oracle.sine.evaluate(
      OracleCall(options: ["dim_model": 4], inputs: ["x": matrix([[1, 2, 3]])]))
    #expect(flat.shape == [1, 3, 4])
    #expect(flat[0, 2, 1] == 3 + table[0, 2, 1])
  }

  @Test func `rotary turns unit vectors by their position`() throws {
    /// eₐ at position t, D = 4.
    func turned(_ axis: Int, _ position: Int) throws -> Values {
      var x = Values.zeros([1, 4])
      x[0, axis] = 1
      return try Oracle.rotary.evaluate(
        OracleCall(options: ["offset": .integer(position)], inputs: ["x": x]))
    }
    expectClose(try turned(0, 1), [0.540302, 0, 0.841471, 0], within: 1e-6)
    expectClose(try turned(0, 2), [-0.416147, 0, 0.909297, 0], within: 1e-6)
    expectClose(try turned(0, 3), [-0.989992, 0, 0.141120, 0], within: 1e-6)
    expectClose(try turned(1, 1), [0, 0.999950, 0, 0.010000], within: 1e-6)
    expectClose(try turned(2, 1), [-0.841471, 0, 0.540302, 0], within: 1e-6)
    expectClose(try turned(3, 1), [0, -0.010000, 0, 0.999950], within: 1e-6)
    expectClose(try turned(2, 0), [0, 0, 1, 0])
  }

  @Test func `rotary positions count from zero along the second last axis`() throws {
    let x = filled([2, 5, 4], seed: 1)
    let whole = try Oracle.rotary.evaluate(OracleCall(inputs: ["x": x]))
    for n in 0..<2 {
      for t in 0..<5 {
        let row = Values(shape: [1, 4], values: (0..<4).map { x[n, t, $0] })
        let alone = try Oracle.rotary.evaluate(
          OracleCall(options: ["offset": .integer(t)], inputs: ["x": row]))
        for d in 0..<4 { #expect(alone[0, d] == whole[n, t, d]) }
      }
    }
  }

  @Test func `rotary products depend on the distance alone and use the base`() throws {
    let (q, k) = (filled([1, 8], seed: 1), filled([1, 8], seed: 2))
    func product(_ m: Int, _ n: Int, base: Double = 10000) throws -> Double {
      func turn(_ x: Values, _ position: Int) throws -> Values {
        try Oracle.rotary.evaluate(
          OracleCall(
            options: ["offset": .integer(position), "base": .number(base)], inputs: ["x": x]))
      }
      return zip(try turn(q, m).values, try turn(k, n).values).map { $0 * $1 }.reduce(0, +)
    }
    #expect(abs(try product(3, 1) - product(12, 10)) < 1e-14)
    #expect(abs(try product(3, 1) - product(3, 2)) > 1e-3)
    #expect(abs(try product(3, 1) - product(3, 1, base: 100)) > 1e-3)
  }

  /// The angles of the pairs, and the factor of cosines and sines.
  private func angles(
    _ scaling: [String: OracleOption], base: Double = 10000, width: Int = 8, length: Int = 2
  ) throws -> RotaryAngles {
    try RotaryAngles(
      OracleCall(options: ["base": .number(base), "scaling": .group(scaling)]), width: width,
      length: length)
  }

  @Test func `rules for longer inputs have their known angles`() throws {
    func expect(_ actual: [Double], _ expected: [Double]) {
      for (a, b) in zip(actual, expected) { #expect(abs(a / b - 1) < 1e-5) }
    }
    expect(
      try angles(["type": "linear", "factor": 4]).frequencies, [0.25, 0.025, 0.0025, 0.00025])
    expect(
      try angles(["type": "ntk", "factor": 4]).frequencies, [1, 0.0629961, 0.00396850, 0.00025])
    let dynamic: [String: OracleOption] = [
      "type": "dynamic_ntk", "factor": 2, "original_max_position_embeddings": 8,
    ]
    expect(try angles(dynamic, length: 4).frequencies, [1, 0.1, 0.01, 0.001])
    expect(
      try angles(dynamic, length: 16).frequencies, [1, 0.06933613, 0.00480750, 0.000333333])
    expect(
      try angles(["type": "llama3", "factor": 8, "original_max_position_embeddings": 1024])
        .frequencies, [1, 0.1, 0.00308676097, 0.000125])
    let llama = try angles(
      ["type": "llama3", "factor": 32, "original_max_position_embeddings": 8192], base: 500000,
      width: 64
    ).frequencies
    expect(Array(llama[15..<18]), [0.00129054793, 0.000429556797, 0.0000970828780])
    expect([llama[14], llama[18]], [0.003211446, 0.0000194616])
  }

  @Test func `YaRN multiplies its table by the attention factor or by its default`() throws {
    var yarn: [String: OracleOption] = [
      "type": "yarn", "factor": 64, "original_max_position_embeddings": 4096,
    ]
    #expect(abs(try angles(yarn).magnitude - 1.41588831) < 1e-8)
    yarn["attention_factor"] = 1
    #expect(try angles(yarn).magnitude == 1)
    let x = filled([1, 8], seed: 1)
    yarn["attention_factor"] = 2
    let turned = try Oracle.rotary.evaluate(
      OracleCall(options: ["scaling": .group(yarn)], inputs: ["x": x]))
    for d in 0..<8 { #expect(turned[0, d] == 2 * x[0, d]) }
  }

  @Test func `neighbours are turned in pairs, and channels beyond the first stay`() throws {
    let x = Values(shape: [1, 5], values: [1, 0, 1, 0, 7])
    let turned = try Oracle.rotary.evaluate(
      OracleCall(
        options: ["interleaved": true, "rotary_dim": 4, "offset": 1], inputs: ["x": x]))
    expectClose(turned, [0.540302, 0.841471, 0.999950, 0.010000, 7], within: 1e-6)
    let part = try Oracle.rotary.evaluate(
      OracleCall(options: ["rotary_dim": 2, "offset": 1], inputs: ["x": x]))
    expectClose(part, [0.540302, 0.841471, 1, 0, 7], within: 1e-6)
  }

  @Test func `a rotated pair is stacked where lengths agree and joined where not`() throws {
    let (q, k) = (filled([2, 3, 4], seed: 1), filled([2, 5, 4], seed: 2))
    func turn(_ inputs: [String: Values]) throws -> Values {
      try Oracle.rotary.evaluate(OracleCall(inputs: inputs))
    }
    let (turnedQuery, turnedKey) = (try turn(["x": q]), try turn(["x": k]))
    let stacked = try turn(["q": q, "k": q])
    #expect(
      stacked == Values(shape: [2, 2, 3, 4], values: turnedQuery.values + turnedQuery.values))
    let joined = try turn(["q": q, "k": k])
    #expect(joined.shape == [2, 8, 4])
    for n in 0..<2 {
      for d in 0..<4 {
        for s in 0..<3 { #expect(joined[n, s, d] == turnedQuery[n, s, d]) }
        for t in 0..<5 { #expect(joined[n, 3 + t, d] == turnedKey[n, t, d]) }
      }
    }
  }

  @Test func `a learnt table adds its first rows, after a class token if there is one`() throws {
    let x = filled([2, 3, 2], seed: 1)
    let table = filled([1, 5, 2], seed: 2)
    let plain = try Oracle.learnable.evaluate(
      OracleCall(options: ["seq_len": 5], inputs: ["x": x], parameters: ["table": table]))
    #expect(plain.shape == [2, 3, 2])
    #expect(plain[1, 2, 1] == x[1, 2, 1] + table[0, 2, 1])

    let token = Values(shape: [2], values: [7, 8])
    let classed = try Oracle.learnable.evaluate(
      OracleCall(
        options: ["seq_len": 4, "add_class_token": true], inputs: ["x": x],
        parameters: ["table": table, "class_token": token]))
    #expect(classed.shape == [2, 4, 2])
    #expect(classed[1, 0, 1] == 8 + table[0, 0, 1])
    #expect(classed[1, 3, 0] == x[1, 2, 0] + table[0, 3, 0])
  }

  @Test func `a vocabulary looks words up and adds positions`() throws {
    let output = try Oracle.vocab.evaluate(
      OracleCall(
        inputs: ["x": matrix([[2, 0], [1, 1]])],
        parameters: [
          "word": matrix([[1, 2], [3, 4], [5, 6]]),
          "position": matrix([[10, 20], [30, 40], [0, 0]]),
        ]))
    expectClose(output, Values(shape: [2, 2, 2], values: [15, 26, 31, 42, 13, 24, 33, 44]))
  }
}
