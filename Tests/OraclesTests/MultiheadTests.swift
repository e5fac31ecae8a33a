import Oracles
import Testing

@Suite struct `multi-head dispatch` {
  func projections(_ width: Int, seed: UInt64 = 10) -> [String: Values] {
    var parameters: [String: Values] = [:]
    for (index, name) in ["q", "k", "v", "out"].enumerated() {
      parameters["\(name)_weight"] = filled([width, width], seed: seed + UInt64(index))
      parameters["\(name)_bias"] = filled([width], seed: seed + 4 + UInt64(index))
    }
    return parameters
  }

  func dispatch(
    _ inputs: [String: Values], _ attention: [String: OracleOption], heads: Int = 2,
    parameters: [String: Values], options: [String: OracleOption] = [:]
  ) throws -> Values {
    var all = options
    all["num_heads"] = .integer(heads)
    all["attention"] = .group(attention)
    return try Oracle.multihead.evaluate(
      OracleCall(options: all, inputs: inputs, parameters: parameters))
  }

  func identity(_ width: Int) -> Values {
    var result = Values.zeros([width, width])
    for a in 0..<width { result[a, a] = 1 }
    return result
  }

  @Test func `one head with identities is the bare attention`() throws {
    let x = filled([2, 5, 4], seed: 1)
    let weights = ["q_weight", "k_weight", "v_weight", "out_weight"]
    let parameters = Dictionary(uniqueKeysWithValues: weights.map { ($0, identity(4)) })
    let output = try dispatch(
      ["query": x], ["name": "scaled_dot_product", "causal": true], heads: 1,
      parameters: parameters)
    expectClose(output, try attention(.scaledDotProduct, x, x, x, ["causal": true]))
  }

  @Test func `neighbouring heads share keys and values`() throws {
    var parameters = projections(8)
    var copied = parameters
    for name in ["k", "v"] {
      // Two heads of two channels, for heads 0 and 1, and for 2 and 3.
      let weight = filled([4, 8], seed: name == "k" ? 20 : 21)
      let rows = [0, 1, 0, 1, 2, 3, 2, 3]
      parameters["\(name)_weight"] = weight
      copied["\(name)_weight"] = matrix(rows.map { row in (0..<8).map { weight[row, $0] } })
      (parameters["\(name)_bias"], copied["\(name)_bias"]) = (nil, nil)
    }
    let x = filled([2, 3, 8], seed: 1)
    let shared = try dispatch(
      ["query": x], ["name": "scaled_dot_product"], heads: 4, parameters: parameters,
      options: ["num_kv_heads": 2])
    expectClose(
      shared,
      try dispatch(["query": x], ["name": "scaled_dot_product"], heads: 4, parameters: copied))
  }

  @Test(arguments: ["rms", "l2"])
  func `queries and keys are divided by their root mean square`(_ norm: String) throws {
    let weights = ["q_weight", "k_weight", "v_weight", "out_weight"]
    var parameters = Dictionary(uniqueKeysWithValues: weights.map { ($0, identity(2)) })
    parameters["q_norm"] = Values(
      shape: [norm == "rms" ? 2 : 1], values: norm == "rms" ? [2, 3] : [2])
    if norm == "rms" { parameters["k_norm"] = Values(shape: [2], values: [1, 0.5]) }
    let output = try dispatch(
      [
        "query": Values(shape: [1, 1, 2], values: [300, 400]),
        "key": Values(shape: [1, 2, 2], values: [0, 100, 700, 0]),
      ], ["name": "scaled_dot_product"], heads: 1, parameters: parameters,
      options: ["qk_norm": .text(norm)])
    // √2 · (3, 4)/5 times √2 · (0, 1) and √2 · (1, 0), divided by √2.
    let logits = norm == "rms" ? [1.6 * 3 * 0.5, 1.2 * 2] : [1.6 * 2, 1.2 * 2]
    let share = softmaxRow(logits.map { $0 / 2.0.squareRoot() })
    expectClose(output, [700 * share[1], 100 * share[0]], within: 1e-6)
  }

  @Test func `heads are consecutive columns, biases enter before the split`() throws {
    // Two heads of width 1 by hand.
    let query = Values(shape: [1, 1, 2], values: [1, 2])
    let key = Values(shape: [1, 2, 2], values: [1, 0, 0, 1])
    let parameters = [
      "q_weight": matrix([[1, 0], [0, 2]]), "q_bias": Values(shape: [2], values: [1, -1]),
      "k_weight": matrix([[2, 1], [1, 3]]), "v_weight": matrix([[1, 5], [7, 2]]),
      "v_bias": Values(shape: [2], values: [0.5, 0]),
      "out_weight": matrix([[1, 1], [1, -1]]), "out_bias": Values(shape: [2], values: [0, 3]),
    ]
    // q = (2, 3); k = (2, 1), (1, 3); v = (1.5, 7), (5.5, 2).
    let first = softmaxRow([4, 2])
    let second = softmaxRow([3, 9])
    let head0 = first[0] * 1.5 + first[1] * 5.5
    let head1 = second[0] * 7 + second[1] * 2
    let output = try dispatch(
      ["query": query, "key": key], ["name": "scaled_dot_product"], parameters: parameters)
    expectClose(output, [head0 + head1, head0 - head1 + 3], within: 1e-13)
  }

  @Test func `a missing value is the key and a missing key is the query`() throws {
    let (query, key) = (filled([2, 4, 4], seed: 1), filled([2, 6, 4], seed: 2))
    let (parameters, inner) = (projections(4), ["name": OracleOption.text("scaled_dot_product")])
    #expect(
      try dispatch(["query": query, "key": key], inner, parameters: parameters)
        == dispatch(["query": query, "key": key, "value": key], inner, parameters: parameters))
    #expect(
      try dispatch(["query": query], inner, parameters: parameters)
        == dispatch(["query": query, "key": query, "value": query], inner, parameters: parameters))
  }

  @Test func `a batch of one serves all`() throws {
    let (query, key) = (filled([1, 4, 4], seed: 1), filled([2, 6, 4], seed: 2))
    let twice = Values(shape: [2, 4, 4], values: query.values + query.values)
    let (parameters, inner) = (projections(4), ["name": OracleOption.text("scaled_dot_product")])
    #expect(
      try dispatch(["query": query, "key": key], inner, parameters: parameters)
        == dispatch(["query": twice, "key": key], inner, parameters: parameters))
  }

  @Test func `masks of a batch item reach each of its heads`() throws {
    let x = filled([2, 3, 4], seed: 1)
    let (parameters, inner) = (projections(4), ["name": OracleOption.text("scaled_dot_product")])
    let causal: [Double] = [1, 0, 0, 1, 1, 0, 1, 1, 1]
    let mask = Values(shape: [2, 3, 3], values: [Double](repeating: 1, count: 9) + causal)
    let masked = try dispatch(
      ["query": x, "boolean_mask": mask], inner, parameters: parameters)
    let free = try dispatch(["query": x], inner, parameters: parameters)
    let past = try dispatch(
      ["query": x], ["name": "scaled_dot_product", "causal": true], parameters: parameters)
    #expect(item(masked, 0) == item(free, 0))
    #expect(item(masked, 1) == item(past, 1))
    let byHead = Values(
      shape: [2, 2, 3, 3],
      values: (0..<2).flatMap { b in
        (0..<2).flatMap { _ in Array(mask.values[b * 9..<(b + 1) * 9]) }
      })
    #expect(
      try dispatch(["query": x, "boolean_mask": byHead], inner, parameters: parameters) == masked)
  }

  @Test func `rotary turns queries and keys of each head, not values`() throws {
    let x = filled([1, 3, 4], seed: 1)
    let names = ["q_weight", "k_weight", "v_weight", "out_weight"]
    let parameters = Dictionary(uniqueKeysWithValues: names.map { ($0, identity(4)) })
    let output = try dispatch(
      ["query": x], ["name": "scaled_dot_product"], parameters: parameters,
      options: ["use_rotary_embeddings": true])
    for h in 0..<2 {
      var head = Values.zeros([1, 3, 2])
      for s in 0..<3 {
        for d in 0..<2 { head[0, s, d] = x[0, s, 2 * h + d] }
      }
      let turned = try Oracle.rotary.evaluate(OracleCall(inputs: ["x": head]))
      let expected = try attention(.scaledDotProduct, turned, turned, head)
      for s in 0..<3 {
        for d in 0..<2 { #expect(abs(output[0, s, 2 * h + d] - expected[0, s, d]) < 1e-14) }
      }
    }
  }

  @Test func `each head of nystrom has its own skip, and the original start sees all heads`() throws
  {
    let x = filled([2, 9, 4], seed: 1)
    let names = ["q_weight", "k_weight", "v_weight", "out_weight"]
    var parameters = Dictionary(uniqueKeysWithValues: names.map { ($0, identity(4)) })
    parameters["attention.skip"] = filled([2, 1, 3, 1], seed: 2)
    // Heads folded by hand.
    var folded = Values.zeros([4, 9, 2])
    for b in 0..<2 {
      for h in 0..<2 {
        for s in 0..<9 {
          for d in 0..<2 { folded[b * 2 + h, s, d] = x[b, s, h * 2 + d] }
        }
      }
    }
    for original in [false, true] {
      let options: [String: OracleOption] = [
        "num_landmarks": 3, "inv_iterations": 1, "pinverse_original_init": .bool(original),
        "num_heads": 2, "conv_kernel_size": 3,
      ]
      let expected = try attention(
        .nystrom, folded, folded, folded, options,
        parameters: ["skip": parameters["attention.skip"]!])
      let output = try dispatch(
        ["query": x], options.merging(["name": "nystrom"]) { old, _ in old },
        parameters: parameters)
      for b in 0..<2 {
        for h in 0..<2 {
          for s in 0..<9 {
            for d in 0..<2 {
              #expect(abs(output[b, s, h * 2 + d] - expected[b * 2 + h, s, d]) < 1e-14)
            }
          }
        }
      }
    }
  }

  @Test func `shared projections take the query's weight and keep their own bias`() throws {
    let x = filled([1, 3, 4], seed: 1)
    var parameters = projections(4)
    parameters["k_weight"] = parameters["q_weight"]
    parameters["v_weight"] = parameters["q_weight"]
    let inner = ["name": OracleOption.text("scaled_dot_product")]
    let spelt = try dispatch(["query": x], inner, parameters: parameters)
    parameters["k_weight"] = nil
    parameters["v_weight"] = nil
    #expect(
      try dispatch(
        ["query": x], inner, parameters: parameters, options: ["use_separate_proj_weight": false])
        == spelt)
    #expect(throws: OracleError.self) {
      try dispatch(["query": x], inner, parameters: parameters)
    }
  }

  @Test func `an attention that makes its own heads is given whole tokens`() throws {
    let x = filled([2, 3, 4], seed: 1)
    let output = try dispatch(
      ["query": x], ["name": "scaled_dot_product"], parameters: [:], options: ["heads": "owned"])
    #expect(try output == attention(.scaledDotProduct, x, x, x))
    #expect(throws: OracleError.self) {
      try dispatch(
        ["query": x], ["name": "scaled_dot_product"], parameters: projections(4),
        options: ["heads": "owned"])
    }
    #expect(throws: OracleError.self) {
      try dispatch(
        ["query": x], ["name": "scaled_dot_product"], parameters: [:], options: ["heads": "own"])
    }
  }

  @Test func `without input projections heads are slices of the tokens`() throws {
    let x = filled([2, 3, 4], seed: 1)
    let names = ["q_weight", "k_weight", "v_weight", "out_weight"]
    let all = Dictionary(uniqueKeysWithValues: names.map { ($0, identity(4)) })
    let output = try dispatch(
      ["query": x], ["name": "scaled_dot_product"], parameters: ["out_weight": identity(4)],
      options: ["input_projection": false])
    expectClose(
      output, try dispatch(["query": x], ["name": "scaled_dot_product"], parameters: all))
  }
}
