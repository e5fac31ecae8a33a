extension Oracle {
  /// Local attention: scaled dot-product attention in which query i sees only a window of keys.
  ///
  /// The sliding window of [Beltagy et al., 2020](https://arxiv.org/abs/2004.05150), section 3.1.
  /// Not causal: |i − j| ≤ (w − 1)/2 with w odd. Causal: 0 ≤ i − j ≤ w, which is w + 1 keys, as in
  /// the original zoo. Masks narrow the window further; a query without a key gives 0.
  ///
  /// - Options: `window_size` (5), `causal`.
  /// - Inputs: `q`, `k`, `v` `[N, S, D]`, or each `[B, H, S, D]`, S = T; all masks.
  public static let local = Oracle(
    name: "local", file: "Sources/Oracles/Local.swift",
    supportingFiles: ["Sources/Oracles/Softmax.swift", "Sources/Oracles/AttentionMasks.swift"]
  ) { call in
    try call.allowOnly(
      options: ["causal", "window_size", "force_sparsity"] + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v"] + AttentionMasks.keys)
    let inputs = try AttentionInputs(call)
    try inputs.requireSquare(call, "inputs `q` and `k`")
    let masks = try AttentionMasks(call, inputs)
    let causal = try call.bool("causal", default: false)
    let window = try call.integer("window_size", default: 5)
    try call.require(window >= 1, "option `window_size`", "at least 1", got: "\(window)")
    try call.require(
      causal || window % 2 == 1, "option `window_size`", "an odd number unless `causal`",
      got: "\(window)")
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    let scale = Double(inputs.width).squareRoot()

    var output = Values.zeros([inputs.items, inputs.queryLength, inputs.valueWidth])
    for n in 0..<inputs.items {
      for i in 0..<inputs.queryLength {
        var logits = [Double](repeating: -.infinity, count: inputs.keyLength)
        for j in 0..<inputs.keyLength {
          let inWindow = causal ? j <= i && i - j <= window : abs(i - j) <= (window - 1) / 2
          if !inWindow || !masks.allows(n, i, j) { continue }
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
