extension Oracle {
  /// Linear attention: yᵢ = Σⱼ wᵢⱼ vⱼ / Σⱼ wᵢⱼ with wᵢⱼ = Σ_d φ(qᵢ)_d · φ(kⱼ)_d and φ(x) = elu(x) + 1,
  /// which is x + 1 above 0 and eˣ elsewhere.
  ///
  /// [Katharopoulos et al., 2020](https://arxiv.org/abs/2006.16236), equations 4, 7 and, causal, 8. The
  /// largest exponent of a row is subtracted from all of them, which cancels in the quotient. A query
  /// without keys gives 0.
  ///
  /// - Options: `causal` (keys up to the query's own position).
  /// - Inputs: `q` `[N, S, D]`, `k` `[N, T, D]`, `v` `[N, T, Dv]`, or each `[B, H, ·, ·]`, S = T if
  ///   causal; `key_padding_mask`.
  public static let linear = Oracle(
    name: "linear", file: "Sources/Oracles/Linear.swift",
    supportingFiles: ["Sources/Oracles/AttentionMasks.swift"]
  ) { call in
    try call.allowOnly(
      options: ["causal"] + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v", "key_padding_mask"])
    let inputs = try AttentionInputs(call)
    let masks = try AttentionMasks(call, inputs)
    let causal = try call.bool("causal", default: false)
    if causal { try inputs.requireSquare(call, "inputs `q` and `k`") }
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)

    var output = Values.zeros([inputs.items, inputs.queryLength, inputs.valueWidth])
    for n in 0..<inputs.items {
      for i in 0..<inputs.queryLength {
        let seen = (0..<inputs.keyLength).filter { masks.isReal(n, $0) && (!causal || $0 <= i) }
        // Query first, so that a number far below 0 leaves digits to the key.
        let query = (0..<inputs.width).map { min(q[n, i, $0], 0) }
        let highest = query.max() ?? 0
        let powers = seen.map { j in query.enumerated().map { $1 - highest + min(k[n, j, $0], 0) } }
        let largest = powers.joined().max() ?? 0
        var total = 0.0
        for (j, power) in zip(seen, powers) {
          var weight = 0.0
          for d in 0..<inputs.width {
            let factor = (1 + max(q[n, i, d], 0)) * (1 + max(k[n, j, d], 0))
            weight += factor * exponential(power[d] - largest)
          }
          total += weight
          for c in 0..<inputs.valueWidth { output[n, i, c] += weight * v[n, j, c] }
        }
        if seen.isEmpty { continue }
        for c in 0..<inputs.valueWidth { output[n, i, c] /= total }
      }
    }
    return output.reshaped(inputs.outputShape)
  }
}
