extension Oracle {
  /// Global attention: a few tokens see all tokens and are seen by all, others see only those few.
  ///
  /// The global tokens of [Zaheer et al., 2020](https://arxiv.org/abs/2007.14062), section 2, alone.
  /// Query i sees key j if i or j is global; a token that is not global does not see itself. Causal:
  /// j ≤ i, and each token sees itself as well. A query without a key gives 0.
  ///
  /// - Options: `global_indices`, the global tokens; `seq_len`, the longest input; `causal`. A shorter
  ///   input has only the first tokens.
  /// - Inputs: `q`, `k`, `v` `[N, S, D]`, or each `[B, H, S, D]`, S = T ≤ `seq_len`; all masks.
  public static let global = Oracle(
    name: "global", file: "Sources/Oracles/Global.swift", supportingFiles: patternFiles
  ) { call in
    try call.allowOnly(
      options: ["causal", "global_indices", "force_sparsity"] + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v"] + AttentionMasks.keys)
    let inputs = try AttentionInputs(call)
    try inputs.requireSquare(call, "inputs `q` and `k`")
    let causal = try call.bool("causal", default: false)
    let longest = try call.integer("seq_len")
    try call.require(
      inputs.queryLength <= longest, "input `q`", "at most \(longest) tokens",
      got: "\(inputs.queryLength)")
    var isGlobal = [Bool](repeating: false, count: longest)
    for entry in try call.list("global_indices") {
      guard case .integer(let index) = entry, isGlobal.indices.contains(index) else {
        throw call.wrongOption("global_indices", "indices from 0 below \(longest)", entry)
      }
      isGlobal[index] = true
    }
    return try inputs.attended(AttentionMasks(call, inputs)) { _, i, j in
      if causal && j > i { return false }
      return isGlobal[i] || isGlobal[j] || (causal && i == j)
    }
  }
}
