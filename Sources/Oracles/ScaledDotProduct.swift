extension Oracle {
  /// Scaled dot-product attention: oᵢ = Σⱼ softmaxⱼ(qᵢ·kⱼ / √D + biasᵢⱼ) vⱼ over the allowed j.
  ///
  /// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762), section 3.2.1. The bias is not
  /// scaled. Causal means j ≤ i and needs S = T. A query without an allowed key gives 0.
  ///
  /// - Options: `causal`.
  /// - Inputs: `q` `[N, S, D]`, `k` `[N, T, D]`, `v` `[N, T, Dv]`, or each `[B, H, ·, ·]`; all
  ///   masks.
  public static let scaledDotProduct = Oracle(
    name: "scaled_dot_product", file: "Sources/Oracles/ScaledDotProduct.swift",
    supportingFiles: ["Sources/Oracles/Softmax.swift", "Sources/Oracles/AttentionMasks.swift"]
  ) { call in
    try call.allowOnly(
      options: ["causal", "to_seq_len"] + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v"] + AttentionMasks.keys)
    let inputs = try AttentionInputs(call)
    let masks = try AttentionMasks(call, inputs)
    let causal = try call.bool("causal", default: false)
    if causal { try inputs.requireSquare(call, "option `causal`") }
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    let scale = Double(inputs.width).squareRoot()

    var output = Values.zeros([inputs.items, inputs.queryLength, inputs.valueWidth])
    for n in 0..<inputs.items {
      for i in 0..<inputs.queryLength {
        var logits = [Double](repeating: -.infinity, count: inputs.keyLength)
        for j in 0..<inputs.keyLength {
          if causal && j > i { continue }
          if !masks.allows(n, i, j) { continue }
          var product = 0.0
          for d in 0..<inputs.width { product += q[n, i, d] / scale * k[n, j, d] }
          logits[j] = product + masks.bias(n, i, j)
        }
        let weights = softmaxRow(logits)
        for c in 0..<inputs.valueWidth {
          var sum = 0.0
          for j in 0..<inputs.keyLength where logits[j] != -.infinity {
            sum += weights[j] * v[n, j, c]
          }
          output[n, i, c] = sum
        }
      }
    }
    return output.reshaped(inputs.outputShape)
  }
}
