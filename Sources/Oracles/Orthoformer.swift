extension Oracle {
  /// Orthoformer: o = softmax(q Λᵀ/√D)·(softmax(Λ kᵀ/√D) v), given the landmarks Λ.
  ///
  /// [Patrick et al., 2021](https://arxiv.org/abs/2106.05392), equation 6 without its normalisation.
  /// With m ≥ min(S, T) landmarks it is scaled dot-product attention, and needs none. How landmarks are
  /// chosen is not part of this definition.
  ///
  /// - Options: `num_landmarks` (32), `landmark_selection` and `subsample_fraction`, which only change
  ///   the choice; `causal` must not be true.
  /// - Inputs: `q` `[N, S, D]`, `k` `[N, T, D]`, `v` `[N, T, Dv]`, or each `[B, H, ·, ·]`.
  /// - State: `landmarks` `[N, m, D]`, and the positions they come from, which are not read.
  public static let orthoformer = Oracle(
    name: "orthoformer", file: "Sources/Oracles/Orthoformer.swift",
    supportingFiles: ["Sources/Oracles/Softmax.swift"]
  ) { call in
    try call.allowOnly(
      options: ["causal", "num_landmarks", "landmark_selection", "subsample_fraction"]
        + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v"],
      state: ["landmarks", "candidates", "first", "starts", "queries", "keys"])
    let inputs = try AttentionInputs(call)
    try call.require(
      try !call.bool("causal", default: false), "option `causal`",
      "false, since a landmark sees all keys", got: "true")
    let count = try call.integer("num_landmarks", default: 32)
    try call.require(count >= 1, "option `num_landmarks`", "at least 1", got: "\(count)")
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    guard count < min(inputs.queryLength, inputs.keyLength) else {
      return attended(q, k, v).reshaped(inputs.outputShape)
    }
    let landmarks = try call.drawn("landmarks")
    let shape = [inputs.items, count, inputs.width]
    try call.require(
      landmarks.shape == shape, "state `landmarks`", "\(shape)", got: "\(landmarks.shape)")
    return attended(q, landmarks, attended(landmarks, k, v)).reshaped(inputs.outputShape)
  }

  /// softmax(q kᵀ/√D) v for each item.
  private static func attended(_ q: Values, _ k: Values, _ v: Values) -> Values {
    let (items, queries, keys) = (q.shape[0], q.shape[1], k.shape[1])
    let scale = Double(q.shape[2]).squareRoot()
    var output = Values.zeros([items, queries, v.shape[2]])
    for n in 0..<items {
      for i in 0..<queries {
        var logits = [Double](repeating: 0, count: keys)
        for j in 0..<keys {
          for d in 0..<q.shape[2] { logits[j] += q[n, i, d] / scale * k[n, j, d] }
        }
        let weights = softmaxRow(logits)
        for c in 0..<v.shape[2] {
          for j in 0..<keys { output[n, i, c] += weights[j] * v[n, j, c] }
        }
      }
    }
    return output
  }
}
