extension Oracle {
  /// Compositional attention: y = W_o [o₁; …; o_H] + b_o with o_h = Σ_r c[h, r] a[h, r],
  /// a[h, r] = softmax(q_h k_hᵀ/√D) v_r and c[h, ·] the softmax of scores over the retrievals r.
  ///
  /// [Mittal et al., 2021](https://arxiv.org/abs/2110.09419), section 3. The score of a[h, r] against
  /// the retrieval query u_h is u_h·(W a + b)/√d (`qk_rule`), w·[a; u_h] + b, or two layers of that with
  /// max(·, 0) between (`nonlinear`). u_h comes from the token, or from q_h/√D (`q_compose`). A query
  /// without a key retrieves 0.
  ///
  /// - Options: `num_heads`, H; `num_rules` (H), R; `qk_rule`, `nonlinear`, `q_compose`, `causal`.
  /// - Inputs: `q` `[B, S, E]`, `k` and `v` `[B, T, E]`; all masks.
  /// - Parameters: `q_weight`, `k_weight`, `v_weight`; if those of keys and values are absent, they are
  ///   the queries'; `value_q_weight` `[H·d, E]`, or `[d, D]` with `q_compose`;
  ///   `value_k_weight` `[d, V]`, or `score1_weight` `[1 or d, V + d]` and `score2_weight` `[1, d]`;
  ///   `out_weight` `[E, H·V]`; optionally a `_bias` for each.
  public static let compositional = Oracle(
    name: "compositional", file: "Sources/Oracles/Compositional.swift",
    supportingFiles: ["Sources/Oracles/Softmax.swift", "Sources/Oracles/AttentionMasks.swift"]
  ) { call in
    let problem = try Problem(call)
    let (inputs, masks) = (problem.inputs, problem.masks)
    let heads = problem.heads
    let scale = Double(inputs.width).squareRoot()
    let output = try problem.layer("out")
    var result = Values.zeros([inputs.items / heads, inputs.queryLength, output.outputs])
    for b in 0..<inputs.items / heads {
      for i in 0..<inputs.queryLength {
        var joined: [Double] = []
        for h in 0..<heads {
          let n = b * heads + h
          var logits = [Double](repeating: -.infinity, count: inputs.keyLength)
          for j in 0..<inputs.keyLength where masks.allows(n, i, j) && !(problem.causal && j > i) {
            var product = 0.0
            for d in 0..<inputs.width { product += inputs.q[n, i, d] / scale * inputs.k[n, j, d] }
            logits[j] = product + masks.bias(n, i, j)
          }
          let weights = softmaxRow(logits)
          let retrieved = (0..<problem.rules).map { r in
            (0..<problem.valueWidth).map { d in
              var sum = 0.0
              for j in 0..<inputs.keyLength where logits[j] != -.infinity {
                sum += weights[j] * inputs.v[n, j, r * problem.valueWidth + d]
              }
              return sum
            }
          }
          let sought = try problem.retrievalQuery(b, i, h, scale)
          let picks = softmaxRow(try retrieved.map { try problem.score($0, sought) })
          joined += (0..<problem.valueWidth).map { d in
            var sum = 0.0
            for r in 0..<problem.rules { sum += picks[r] * retrieved[r][d] }
            return sum
          }
        }
        let answer = try output(joined, call)
        for e in 0..<output.outputs { result[b, i, e] = answer[e] }
      }
    }
    return result
  }
}

/// An affine map, W x + b.
private struct Affine {
  let name: String
  let weight: Values
  let bias: Values?

  var outputs: Int { weight.shape[0] }

  func callAsFunction(_ x: [Double], _ call: OracleCall) throws -> [Double] {
    try call.require(
      weight.shape[1] == x.count, "parameter `\(name)_weight`", "[·, \(x.count)]",
      got: "\(weight.shape)")
    return (0..<outputs).map { o in
      var sum = bias?[o] ?? 0
      for c in x.indices { sum += weight[o, c] * x[c] }
      return sum
    }
  }
}

/// A call with its tokens projected and split.
private struct Problem {
  let call: OracleCall
  let heads: Int
  let rules: Int
  let causal: Bool
  let usesProducts: Bool
  let isNonlinear: Bool
  let composes: Bool
  /// Queries and keys `[B, H, ·, D]`; the values `[B, H, T, R·V]` are the same for each head.
  let inputs: AttentionInputs
  let masks: AttentionMasks
  let valueWidth: Int
  private let tokens: Values

  init(_ call: OracleCall) throws {
    self.call = call
    let layers = ["q", "k", "v", "value_q", "value_k", "score1", "score2", "out"]
    try call.allowOnly(
      options: ["num_rules", "causal", "qk_rule", "nonlinear", "q_compose"]
        + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v"] + AttentionMasks.keys,
      parameters: layers.flatMap { ["\($0)_weight", "\($0)_bias"] })
    heads = try call.integer("num_heads")
    rules = try call.integer("num_rules", default: heads)
    try call.require(heads >= 1, "option `num_heads`", "at least 1", got: "\(heads)")
    try call.require(rules >= 1, "option `num_rules`", "at least 1", got: "\(rules)")
    causal = try call.bool("causal", default: false)
    usesProducts = try call.bool("qk_rule", default: false)
    isNonlinear = try call.bool("nonlinear", default: false)
    composes = try call.bool("q_compose", default: false)

    var plain = call
    for key in AttentionMasks.keys { plain.inputs[key] = nil }
    let given = try AttentionInputs(plain)
    try call.require(given.batch == nil, "input `q`", "[B, S, E]", got: "heads as an axis")
    if causal { try given.requireSquare(call, "option `causal`") }
    tokens = given.q
    var split = call
    let (heads, rules) = (heads, rules)
    for (name, x) in [("q", given.q), ("k", given.k), ("v", given.v)] {
      let own = call.parameters["\(name)_weight"] == nil ? "q" : name
      let map = try Self.layer(own, call)
      let parts = name == "v" ? rules : heads
      try call.require(
        map.outputs % parts == 0, "parameter `\(own)_weight`", "a multiple of \(parts) rows",
        got: "\(map.outputs)")
      // Every head gets the values of all retrievals.
      let width = name == "v" ? map.outputs : map.outputs / heads
      var result = Values.zeros([x.shape[0], heads, x.shape[1], width])
      for b in 0..<x.shape[0] {
        for s in 0..<x.shape[1] {
          let row = try map((0..<x.shape[2]).map { x[b, s, $0] }, call)
          for h in 0..<heads {
            for d in 0..<width { result[b, h, s, d] = row[name == "v" ? d : h * width + d] }
          }
        }
      }
      split.inputs[name] = result
    }
    inputs = try AttentionInputs(split)
    masks = try AttentionMasks(split, inputs)
    valueWidth = inputs.valueWidth / rules
  }

  private static func layer(_ name: String, _ call: OracleCall) throws -> Affine {
    let weight = try call.parameter("\(name)_weight")
    let bias = call.parameters["\(name)_bias"]
    try call.require(
      weight.rank == 2, "parameter `\(name)_weight`", "a matrix", got: "\(weight.shape)")
    if let bias {
      try call.require(
        bias.shape == [weight.shape[0]], "parameter `\(name)_bias`", "[\(weight.shape[0])]",
        got: "\(bias.shape)")
    }
    return Affine(name: name, weight: weight, bias: bias)
  }

  func layer(_ name: String) throws -> Affine { try Self.layer(name, call) }

  /// What head h of token i searches for.
  func retrievalQuery(_ b: Int, _ i: Int, _ h: Int, _ scale: Double) throws -> [Double] {
    let map = try layer("value_q")
    if composes {
      return try map((0..<inputs.width).map { inputs.q[b * heads + h, i, $0] / scale }, call)
    }
    let all = try map((0..<tokens.shape[2]).map { tokens[b, i, $0] }, call)
    let width = all.count / heads
    return Array(all[h * width..<(h + 1) * width])
  }

  /// How well a retrieval fits what is searched for.
  func score(_ retrieved: [Double], _ sought: [Double]) throws -> Double {
    if usesProducts {
      let key = try layer("value_k")(retrieved, call)
      try call.require(
        key.count == sought.count, "parameter `value_k_weight`", "\(sought.count) rows",
        got: "\(key.count)")
      var sum = 0.0
      for d in key.indices { sum += sought[d] * key[d] }
      return sum / Double(sought.count).squareRoot()
    }
    let first = try layer("score1")(retrieved + sought, call)
    guard isNonlinear else { return first[0] }
    return try layer("score2")(first.map { $0 < 0 ? 0 : $0 }, call)[0]
  }
}
