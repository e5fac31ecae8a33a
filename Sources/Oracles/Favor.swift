extension Oracle {
  /// FAVOR+: oᵢ = Σⱼ wᵢⱼ vⱼ / Σⱼ wᵢⱼ with wᵢⱼ = φ(qᵢ)·φ(kⱼ), where φ(x) has the features
  /// exp(ω·x' − ‖x'‖²/2)/√m, one for each vector ω or for each and its opposite, and x' = x/D^¼.
  ///
  /// [Choromanski et al., 2020](https://arxiv.org/abs/2009.14794), lemma 1 and equation 5, given the
  /// vectors ω. The logarithms of the products φᵣ(qᵢ)·φᵣ(kⱼ) are compared before any exponential is
  /// taken, and the largest of a row is subtracted from all of them, which cancels in the quotient.
  ///
  /// - Options: `feature_map` (`sm_reg`; or `sm_hyp`, the same for other vectors, or `sm_orf`, one
  ///   feature a vector), `causal` (keys up to the query's own position), `dim_features`, the number
  ///   of features, and `dim_head`, which must agree with the vectors if given; `normalize_inputs`,
  ///   which subtracts a constant that cancels.
  /// - Inputs: `q` `[N, S, D]`, `k` `[N, T, D]`, `v` `[N, T, Dv]`, or each `[B, H, ·, ·]`, S = T if
  ///   causal; `key_padding_mask`.
  /// - State: `features` `[D, F]`, one vector in each column.
  public static let favor = Oracle(
    name: "favor", file: "Sources/Oracles/Favor.swift",
    supportingFiles: ["Sources/Oracles/AttentionMasks.swift"]
  ) { call in
    try call.allowOnly(
      options: ["causal", "feature_map", "feature_map_type", "normalize_inputs"]
        + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v", "key_padding_mask"], state: ["features"])
    let inputs = try AttentionInputs(call)
    let masks = try AttentionMasks(call, inputs)
    let causal = try call.bool("causal", default: false)
    if causal { try inputs.requireSquare(call, "inputs `q` and `k`") }
    let features = try FavorFeatures(call, inputs)
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)

    var output = Values.zeros([inputs.items, inputs.queryLength, inputs.valueWidth])
    for n in 0..<inputs.items {
      let keys = (0..<inputs.keyLength).map { features.logarithms(k, n, $0) }
      for i in 0..<inputs.queryLength {
        let query = features.logarithms(q, n, i)
        let seen = (0..<inputs.keyLength).filter { masks.isReal(n, $0) && (!causal || $0 <= i) }
        var largest = -Double.infinity
        for j in seen {
          for r in 0..<query.count { largest = max(largest, query[r] + keys[j][r]) }
        }
        var total = 0.0
        for j in seen {
          var weight = 0.0
          for r in 0..<query.count { weight += exponential(query[r] + keys[j][r] - largest) }
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

/// The vectors of a call, and the number of features of each.
private struct FavorFeatures {
  let vectors: Values
  let signs: [Double]

  init(_ call: OracleCall, _ inputs: AttentionInputs) throws {
    let first = try call.textIfPresent("feature_map")
    let map = try first ?? call.textIfPresent("feature_map_type") ?? "sm_reg"
    try call.require(
      ["sm_orf", "sm_hyp", "sm_reg"].contains(map), "option `feature_map`",
      "one of sm_orf, sm_hyp, sm_reg", got: "`\(map)`")
    signs = map == "sm_orf" ? [1] : [1, -1]
    vectors = try call.drawn("features")
    try call.require(
      vectors.rank == 2 && vectors.shape[0] == inputs.width && vectors.shape[1] >= 1,
      "state `features`", "[\(inputs.width), F]", got: "\(vectors.shape)")
    let count = signs.count * vectors.shape[1]
    let declared = try call.integer("dim_features", default: count)
    try call.require(
      declared == count, "option `dim_features`", "\(count), that of `features`",
      got: "\(declared)")
    let width = try call.integer("dim_head", default: inputs.width)
    try call.require(
      width == inputs.width, "option `dim_head`", "\(inputs.width), the width of `q`",
      got: "\(width)")
  }

  /// ±ω·x' − ‖x'‖²/2 for token i of item n. The factor 1/√m of each feature cancels.
  func logarithms(_ tokens: Values, _ n: Int, _ i: Int) -> [Double] {
    let (width, count) = (vectors.shape[0], vectors.shape[1])
    let scale = Double(width).squareRoot().squareRoot()
    var square = 0.0
    for d in 0..<width { square += tokens[n, i, d] / scale * (tokens[n, i, d] / scale) }
    return signs.flatMap { sign in
      (0..<count).map { r in
        var product = 0.0
        for d in 0..<width { product += vectors[d, r] * (tokens[n, i, d] / scale) }
        return sign * product - square / 2
      }
    }
  }
}
