extension Oracle {
  /// Linformer: k' = E k, v' = F v along the sequence, then oᵢ = Σₐ softmaxₐ(qᵢ·k'ₐ / √D) v'ₐ.
  ///
  /// [Wang et al., 2020](https://arxiv.org/abs/2006.04768), equation 7, one E and one F for all
  /// heads. A call shorter than `seq_len` uses the first S columns of both. Padded rows of keys and
  /// values count as zeros before E and F.
  ///
  /// - Options: `seq_len` and `k`, which must agree with E if given; `causal` must not be true.
  /// - Inputs: `q`, `k`, `v` `[N, S, D]`, or each `[B, H, S, D]`, S = T ≤ `seq_len`;
  ///   `key_padding_mask`.
  /// - Parameters: `E`, `F` `[k, seq_len]`.
  public static let linformer = Oracle(
    name: "linformer", file: "Sources/Oracles/Linformer.swift",
    supportingFiles: ["Sources/Oracles/Softmax.swift", "Sources/Oracles/AttentionMasks.swift"]
  ) { call in
    try call.allowOnly(
      options: ["causal", "k"] + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v", "key_padding_mask"], parameters: ["E", "F"])
    let inputs = try AttentionInputs(call)
    try inputs.requireSquare(call, "inputs `q` and `k`")
    let masks = try AttentionMasks(call, inputs)
    try call.require(
      try !call.bool("causal", default: false), "option `causal`",
      "false, since a projection mixes all positions", got: "true")
    let keyProjection = try call.parameter("E")
    let valueProjection = try call.parameter("F")
    try call.require(
      keyProjection.rank == 2 && keyProjection.shape[0] >= 1, "parameter `E`",
      "[k, seq_len] with k at least 1", got: "\(keyProjection.shape)")
    try call.require(
      valueProjection.shape == keyProjection.shape, "parameter `F`",
      "the shape of `E`, \(keyProjection.shape)", got: "\(valueProjection.shape)")
    let projectedLength = keyProjection.shape[0]
    let longest = keyProjection.shape[1]
    let declaredLength = try call.integer("k", default: projectedLength)
    try call.require(
      declaredLength == projectedLength, "option `k`",
      "\(projectedLength), the rows of `E`", got: "\(declaredLength)")
    let declaredLongest = try call.integer("seq_len", default: longest)
    try call.require(
      declaredLongest == longest, "option `seq_len`", "\(longest), the columns of `E`",
      got: "\(declaredLongest)")
    try call.require(
      inputs.keyLength <= longest, "input `k`", "at most \(longest) tokens (`seq_len`)",
      got: "\(inputs.keyLength)")
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    let scale = Double(inputs.width).squareRoot()

    var output = Values.zeros([inputs.items, inputs.queryLength, inputs.valueWidth])
    for n in 0..<inputs.items {
      var projectedKey = Values.zeros([projectedLength, inputs.width])
      var projectedValue = Values.zeros([projectedLength, inputs.valueWidth])
      for a in 0..<projectedLength {
        for j in 0..<inputs.keyLength where masks.isReal(n, j) {
          for d in 0..<inputs.width {
            projectedKey[a, d] += keyProjection[a, j] * k[n, j, d]
          }
          for c in 0..<inputs.valueWidth {
            projectedValue[a, c] += valueProjection[a, j] * v[n, j, c]
          }
        }
      }
      for i in 0..<inputs.queryLength {
        var logits = [Double](repeating: 0, count: projectedLength)
        for a in 0..<projectedLength {
          for d in 0..<inputs.width { logits[a] += q[n, i, d] / scale * projectedKey[a, d] }
        }
        let weights = softmaxRow(logits)
        for c in 0..<inputs.valueWidth {
          for a in 0..<projectedLength {
            output[n, i, c] += weights[a] * projectedValue[a, c]
          }
        }
      }
    }
    return output.reshaped(inputs.outputShape)
  }
}
