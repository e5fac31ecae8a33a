extension Oracle {
  /// Sliding-window attention with sinks: query i sees the keys j ≤ i with i − j < w or j < s.
  ///
  /// The window of [Jiang et al., 2023](https://arxiv.org/abs/2310.06825), w keys in all, and the sinks
  /// of [Xiao et al., 2023](https://arxiv.org/abs/2309.17453). Masks narrow both; a query without a key
  /// gives 0.
  ///
  /// - Options: `window_size` (5), `num_sinks` (4).
  /// - Inputs: `q`, `k`, `v` `[N, S, D]`, or each `[B, H, S, D]`, S = T; all masks.
  public static let slidingWindow = Oracle(
    name: "sliding_window", file: "Sources/Oracles/SlidingWindow.swift",
    supportingFiles: patternFiles
  ) { call in
    try call.allowOnly(
      options: ["window_size", "num_sinks"] + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v"] + AttentionMasks.keys)
    let inputs = try AttentionInputs(call)
    try inputs.requireSquare(call, "inputs `q` and `k`")
    let window = try call.integer("window_size", default: 5)
    try call.require(window >= 1, "option `window_size`", "at least 1", got: "\(window)")
    let sinks = try call.integer("num_sinks", default: 4)
    try call.require(sinks >= 0, "option `num_sinks`", "at least 0", got: "\(sinks)")
    return try inputs.attended(AttentionMasks(call, inputs)) { _, i, j in
      j <= i && (i - j < window || j < sinks)
    }
  }
}
