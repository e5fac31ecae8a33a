/// The segments whose means are landmarks: T = m·s + r tokens make m − r segments of s tokens, then
/// r segments of s + 1.
public func landmarkSegments(length: Int, count: Int) -> [Range<Int>] {
  precondition(count >= 1 && count <= length, "\(length) tokens do not fill \(count) segments")
  let (short, longer) = (length / count, length % count)
  var segments: [Range<Int>] = []
  var start = 0
  for index in 0..<count {
    let size = index < count - longer ? short : short + 1
    segments.append(start..<start + size)
    start += size
  }
  return segments
}

extension Oracle {
  /// Nyström attention: o = K₁ K₂⁺ K₃ v with K₁ = softmax(q k̃ᵀ/√D), K₂ = softmax(q̃ k̃ᵀ/√D),
  /// K₃ = softmax(q̃ kᵀ/√D), where q̃ and k̃ are means over segments.
  ///
  /// [Xiong et al., 2021](https://arxiv.org/abs/2102.03902), equations 9 to 14. Choices that these
  /// leave, and differences from the original zoo:
  ///
  /// - *Exact*: m ≥ T gives scaled dot-product attention with the padding as key mask. A padded
  ///   query is treated like any other there, and in K₁; only real queries are worth comparing.
  /// - *Lengths*: q has m_q = min(m, S) landmarks and k has m, so K₂ is `[m_q, m]` and its
  ///   pseudo-inverse `[m, m_q]`. With S ≤ m, q̃ is q, and an exact inverse makes o exact whenever
  ///   the rows of K₂ are independent.
  /// - *Padding*: a landmark is the mean of the real tokens of its segment. One of padding alone has
  ///   a zero row and column in K₂, a zero column in K₁ (both softmaxes leave it out) and a zero
  ///   row in K₃. The mask describes the queries too if S = T; with S ≠ T all queries are real. If
  ///   no key is real, the output is 0 before the skip, and so is the skip.
  /// - *Skip*: a depthwise convolution along T of v, with padded v as 0, added also if m ≥ T.
  ///
  /// - Options: `num_landmarks` (64), `use_razavi_pinverse` (true), `inv_iterations` (6),
  ///   `pinverse_original_init` (false: Z₀ is scaled per matrix; true: by the largest column sum of
  ///   all N matrices), `num_heads` and `conv_kernel_size`, which must agree with the skip;
  ///   `rtol`, of the exact inverse (torch's default for float64). `causal` must not be true.
  /// - Inputs: `q` `[N, S, D]`, `k` `[N, T, D]`, `v` `[N, T, Dv]`, or each `[B, H, ·, ·]`;
  ///   `key_padding_mask`.
  /// - Parameters: `skip` `[H, 1, K, 1]`, K odd, optional; needs S = T.
  public static let nystrom = Oracle(
    name: "nystrom", file: "Sources/Oracles/Nystrom.swift",
    supportingFiles: [
      "Sources/Oracles/PseudoInverse.swift", "Sources/Oracles/Softmax.swift",
      "Sources/Oracles/AttentionMasks.swift",
    ]
  ) { call in
    let options = try NystromOptions(call)
    let inputs = try AttentionInputs(call)
    let masks = try AttentionMasks(call, inputs)
    var output =
      options.landmarks >= inputs.keyLength
      ? exactAttention(inputs, masks) : landmarkAttention(inputs, masks, options)
    if let skip = call.parameters["skip"] {
      try checkSkip(skip, call, inputs)
      addConvolution(of: inputs, masks, weight: skip, to: &output)
    } else {
      let kernel = try call.integerIfPresent("conv_kernel_size")
      try call.require(
        kernel == nil, "parameter `skip`", "a convolution of \(kernel ?? 0) taps", got: "nothing")
    }
    return output.reshaped(inputs.outputShape)
  }
}

private struct NystromOptions {
  let landmarks: Int
  let iterative: Bool
  let iterations: Int
  let normOfBatch: Bool
  let rtol: Double?

  init(_ call: OracleCall) throws {
    try call.allowOnly(
      options: [
        "causal", "num_landmarks", "use_razavi_pinverse", "inv_iterations",
        "pinverse_original_init", "conv_kernel_size", "rtol",
      ] + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v", "key_padding_mask"], parameters: ["skip"])
    try call.require(
      try !call.bool("causal", default: false), "option `causal`",
      "false, since a landmark mixes past and future", got: "true")
    landmarks = try call.integer("num_landmarks", default: 64)
    iterative = try call.bool("use_razavi_pinverse", default: true)
    iterations = try call.integer("inv_iterations", default: 6)
    normOfBatch = try call.bool("pinverse_original_init", default: false)
    rtol = try call.numberIfPresent("rtol")
    try call.require(landmarks >= 1, "option `num_landmarks`", "at least 1", got: "\(landmarks)")
    try call.require(iterations >= 0, "option `inv_iterations`", "at least 0", got: "\(iterations)")
  }
}

/// The path for m ≥ T: scaled dot-product attention over the real keys.
private func exactAttention(_ inputs: AttentionInputs, _ masks: AttentionMasks) -> Values {
  let scale = Double(inputs.width).squareRoot()
  var output = Values.zeros([inputs.items, inputs.queryLength, inputs.valueWidth])
  for n in 0..<inputs.items {
    for i in 0..<inputs.queryLength {
      var logits = [Double](repeating: -.infinity, count: inputs.keyLength)
      for j in 0..<inputs.keyLength where masks.isReal(n, j) {
        logits[j] = 0
        for d in 0..<inputs.width { logits[j] += inputs.q[n, i, d] / scale * inputs.k[n, j, d] }
      }
      let weights = softmaxRow(logits)
      for c in 0..<inputs.valueWidth {
        for j in 0..<inputs.keyLength where masks.isReal(n, j) {
          output[n, i, c] += weights[j] * inputs.v[n, j, c]
        }
      }
    }
  }
  return output
}

/// The path for m < T.
private func landmarkAttention(
  _ inputs: AttentionInputs, _ masks: AttentionMasks, _ options: NystromOptions
) -> Values {
  let (q, k, v) = (inputs.q, inputs.k, inputs.v)
  var output = Values.zeros([inputs.items, inputs.queryLength, inputs.valueWidth])
  if inputs.queryLength == 0 { return output }
  let keySegments = landmarkSegments(length: inputs.keyLength, count: options.landmarks)
  let querySegments = landmarkSegments(
    length: inputs.queryLength, count: min(options.landmarks, inputs.queryLength))
  let maskCoversQueries = inputs.queryLength == inputs.keyLength

  // Landmarks of all items, and K₂ between them; an absent landmark is nil.
  var queryLandmarks: [[[Double]?]] = []
  var keyLandmarks: [[[Double]?]] = []
  var kernels: [Values] = []
  for n in 0..<inputs.items {
    let queryMeans = querySegments.map { segment in
      mean(of: q, n, segment.filter { !maskCoversQueries || masks.isReal(n, $0) })
    }
    let keyMeans = keySegments.map { segment in
      mean(of: k, n, segment.filter { masks.isReal(n, $0) })
    }
    var kernel = Values.zeros([queryMeans.count, keyMeans.count])
    for a in 0..<queryMeans.count {
      guard let queryMean = queryMeans[a] else { continue }
      let weights = softmaxRow(logits(of: queryMean, keyMeans))
      for b in 0..<keyMeans.count { kernel[a, b] = weights[b] }
    }
    queryLandmarks.append(queryMeans)
    keyLandmarks.append(keyMeans)
    kernels.append(kernel)
  }
  let batchNorm = options.normOfBatch ? kernels.map(largestColumnSum).max() : nil

  for n in 0..<inputs.items {
    let inverse =
      options.iterative
      ? pseudoInverseRazavi(kernels[n], iterations: options.iterations, initialNorm: batchNorm)
      : jacobiPseudoInverse(kernels[n], rtol: options.rtol)

    // K₃ v, [m_q, Dv]
    var summary = Values.zeros([querySegments.count, inputs.valueWidth])
    let keys = (0..<inputs.keyLength).map { j in
      masks.isReal(n, j) ? (0..<inputs.width).map { k[n, j, $0] } : nil
    }
    for a in 0..<querySegments.count {
      guard let queryMean = queryLandmarks[n][a] else { continue }
      let weights = softmaxRow(logits(of: queryMean, keys))
      for c in 0..<inputs.valueWidth {
        for j in 0..<inputs.keyLength where masks.isReal(n, j) {
          summary[a, c] += weights[j] * v[n, j, c]
        }
      }
    }

    for i in 0..<inputs.queryLength {
      // The row of K₁, [m]
      let query = (0..<inputs.width).map { q[n, i, $0] }
      let weights = softmaxRow(logits(of: query, keyLandmarks[n]))
      // The row of K₁ K₂⁺, [m_q], first as in the paper's order of products
      var coefficients = [Double](repeating: 0, count: querySegments.count)
      for a in 0..<querySegments.count {
        for b in 0..<keySegments.count { coefficients[a] += weights[b] * inverse[b, a] }
      }
      for c in 0..<inputs.valueWidth {
        for a in 0..<querySegments.count { output[n, i, c] += coefficients[a] * summary[a, c] }
      }
    }
  }
  return output
}

/// The mean of some tokens of item n; nil if there are none.
private func mean(of tokens: Values, _ n: Int, _ positions: [Int]) -> [Double]? {
  if positions.isEmpty { return nil }
  return (0..<tokens.shape[2]).map { d in
    var sum = 0.0
    for position in positions { sum += tokens[n, position, d] }
    return sum / Double(positions.count)
  }
}

/// Scaled products of one query with each key, −∞ for an absent key.
private func logits(of query: [Double], _ keys: [[Double]?]) -> [Double] {
  let scale = Double(query.count).squareRoot()
  return keys.map { key in
    guard let key else { return -.infinity }
    var product = 0.0
    for d in 0..<query.count { product += query[d] / scale * key[d] }
    return product
  }
}

private func checkSkip(
  _ skip: Values, _ call: OracleCall, _ inputs: AttentionInputs
) throws {
  try call.require(
    skip.rank == 4 && skip.shape[1] == 1 && skip.shape[3] == 1 && skip.shape[2] % 2 == 1,
    "parameter `skip`", "[H, 1, K, 1] with K odd", got: "\(skip.shape)")
  let heads = try call.integer("num_heads", default: skip.shape[0])
  try call.require(
    heads == skip.shape[0], "option `num_heads`", "\(skip.shape[0]), the heads of `skip`",
    got: "\(heads)")
  let kernel = try call.integer("conv_kernel_size", default: skip.shape[2])
  try call.require(
    kernel == skip.shape[2], "option `conv_kernel_size`", "\(skip.shape[2]), the taps of `skip`",
    got: "\(kernel)")
  try call.require(
    heads >= 1 && inputs.items % heads == 0
      && (inputs.batch.map { $0 * heads == inputs.items } ?? true),
    "parameter `skip`", "as many heads as the inputs",
    got: "\(heads) heads for \(inputs.items) folded items")
  try inputs.requireSquare(call, "parameter `skip`")
}

/// Adds Σ_τ w[h, τ] v[t + τ − K/2], with zeros outside the sequence and for padding.
private func addConvolution(
  of inputs: AttentionInputs, _ masks: AttentionMasks, weight: Values, to output: inout Values
) {
  let (heads, taps) = (weight.shape[0], weight.shape[2])
  for n in 0..<inputs.items {
    let h = n % heads
    for t in 0..<inputs.keyLength {
      for tap in 0..<taps {
        let source = t + tap - taps / 2
        if source < 0 || source >= inputs.keyLength || !masks.isReal(n, source) { continue }
        for c in 0..<inputs.valueWidth {
          output[n, t, c] += weight[h, 0, tap, 0] * inputs.v[n, source, c]
        }
      }
    }
  }
}
