extension Oracle {
  /// A lambda layer: oₙ = λₙᵀ qₙ with λₙ = Σₘ (k̄ₘ + Eₙₘ) vₘᵀ, where k̄ is the softmax of the keys over
  /// positions, channel by channel, and Eₙₘ = `rel_pos_emb`[m − n + L − 1].
  ///
  /// [Bello, 2021](https://arxiv.org/abs/2102.08602), equations 1 and 2, for each head by itself,
  /// with one table for all heads and without normalisation by batch. A call shorter than
  /// L = `seq_len` uses the rows around the table's middle, as m − n says.
  ///
  /// - Options: `seq_len` and `dim_head`, which must agree with the table if given; `causal` must
  ///   not be true.
  /// - Inputs: `q`, `k`, `v` `[N, S, D]`, or each `[B, H, S, D]`, S = T ≤ `seq_len`.
  /// - Parameters: `rel_pos_emb` `[2·seq_len − 1, D]`.
  public static let lambda = Oracle(
    name: "lambda", file: "Sources/Oracles/Lambda.swift",
    supportingFiles: ["Sources/Oracles/Softmax.swift"]
  ) { call in
    try call.allowOnly(
      options: ["causal"] + AttentionInputs.inertOptions, inputs: ["q", "k", "v"],
      parameters: ["rel_pos_emb"])
    let inputs = try AttentionInputs(call)
    try inputs.requireSquare(call, "inputs `q` and `k`")
    try call.require(
      try !call.bool("causal", default: false), "option `causal`",
      "false, since keys are normalised over all positions", got: "true")
    let longest = try tableLength(call, inputs)
    let table = try call.parameter("rel_pos_emb")
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)

    var output = Values.zeros([inputs.items, inputs.queryLength, inputs.valueWidth])
    for item in 0..<inputs.items {
      var weights = Values.zeros([inputs.keyLength, inputs.width])
      for d in 0..<inputs.width {
        let column = softmaxRow((0..<inputs.keyLength).map { k[item, $0, d] })
        for m in 0..<inputs.keyLength { weights[m, d] = column[m] }
      }
      for n in 0..<inputs.queryLength {
        for c in 0..<inputs.valueWidth {
          for d in 0..<inputs.width {
            var lambda = 0.0
            for m in 0..<inputs.keyLength {
              lambda += (weights[m, d] + table[m - n + longest - 1, d]) * v[item, m, c]
            }
            output[item, n, c] += q[item, n, d] * lambda
          }
        }
      }
    }
    return output.reshaped(inputs.outputShape)
  }

  /// L, checked against the table and the call.
  private static func tableLength(_ call: OracleCall, _ inputs: AttentionInputs) throws -> Int {
    let table = try call.parameter("rel_pos_emb")
    try call.require(
      table.rank == 2 && table.shape[0] % 2 == 1 && table.shape[1] == inputs.width,
      "parameter `rel_pos_emb`", "[2·seq_len − 1, \(inputs.width)]", got: "\(table.shape)")
    let longest = (table.shape[0] + 1) / 2
    let declared = try call.integer("seq_len", default: longest)
    try call.require(
      declared == longest, "option `seq_len`", "\(longest), that of `rel_pos_emb`",
      got: "\(declared)")
    let width = try call.integer("dim_head", default: inputs.width)
    try call.require(
      width == inputs.width, "option `dim_head`", "\(inputs.width), the width of `q`",
      got: "\(width)")
    try call.require(
      inputs.keyLength <= longest, "input `k`", "at most \(longest) tokens (`seq_len`)",
      got: "\(inputs.keyLength)")
    return longest
  }
}
