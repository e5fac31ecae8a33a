extension Oracle {
  /// Random attention: query i sees key j if a drawn pattern allows it.
  ///
  /// The pattern is given; how it is drawn is not part of this definition. Causal: only j ≤ i. Masks
  /// narrow it further; a query without a key gives 0.
  ///
  /// - Options: `causal`.
  /// - Inputs: `q`, `k`, `v` `[N, S, D]`, or each `[B, H, S, D]`, S = T; all masks.
  /// - State: `drawn_mask` `[S, S]`, 1 = may attend.
  public static let random = Oracle(
    name: "random", file: "Sources/Oracles/Random.swift", supportingFiles: patternFiles
  ) { call in
    try call.allowOnly(
      options: ["causal", "r", "constant_masking", "seed", "force_sparsity"]
        + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v"] + AttentionMasks.keys, state: ["drawn_mask"])
    let inputs = try AttentionInputs(call)
    try inputs.requireSquare(call, "inputs `q` and `k`")
    let causal = try call.bool("causal", default: false)
    let pattern = try call.drawn("drawn_mask")
    let length = inputs.queryLength
    try call.require(
      pattern.shape == [length, length], "state `drawn_mask`", "[\(length), \(length)]",
      got: "\(pattern.shape)")
    return try inputs.attended(AttentionMasks(call, inputs)) { _, i, j in
      pattern[i, j] != 0 && (!causal || j <= i)
    }
  }
}
