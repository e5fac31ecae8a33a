public import JSON
public import Torch

/// The options of a Nyström attention.
public struct NystromSelfAttentionConfig: PartConfig {
  /// How landmarks are computed from tokens, as named in JSON.
  public enum LandmarkPooling: String, Codable, Sendable, CaseIterable {
    /// The mean of each segment.
    case segmentMean = "segment_mean"
  }

  /// The number of heads; only the convolution needs it, which has a kernel for each head.
  public var numHeads: Int
  /// The number of landmarks; with at least as many as keys, attention is exact.
  public var numLandmarks = 64
  /// How landmarks are computed from tokens; a custom function is passed to the initialiser.
  public var landmarkPooling: LandmarkPooling?
  /// Must be false: landmarks mix past and future.
  public var causal = false
  /// Whether the pseudo-inverse is found by iteration or, if false, by singular values.
  public var useRazaviPinverse = true
  /// The number of iterations.
  public var invIterations = 6
  /// Whether the iteration starts from one norm for the whole batch, which couples its items.
  public var pinverseOriginalInit = false
  /// The width of the convolution of the values that is added to the output, in tokens; odd. Nil adds
  /// no convolution.
  public var convKernelSize: Int?
  /// Must be null; a module is passed to the initialiser.
  public var vSkipConnection: JSON?
  /// The share of outputs dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Two heads and the default landmarks.
  public static let sample = Self(numHeads: 2)
  /// The number of heads has no default.
  public static let required = ["num_heads"]
  /// Landmarks around the number of keys, and too few as well as enough iterations.
  public static let domain: [String: OptionDomain] = [
    "num_heads": .equal(.heads), "num_landmarks": .around(.keyLength), "causal": .fixed,
    "landmark_pooling": .values([nil, "segment_mean"]), "inv_iterations": .values([1, 3, 6]),
    "conv_kernel_size": .values([nil, 1, 3, 5]), "v_skip_connection": .fixed,
  ]
  /// There is one rule.
  public static let inert: Set = ["landmark_pooling"]

  /// Checks ranges and parity, and refuses causality.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: numHeads, "num_heads")
    try require(size: numLandmarks, "num_landmarks")
    try require(invIterations >= 0, "inv_iterations", "at least 0", got: invIterations)
    let kernel = convKernelSize ?? 1
    try require(size: kernel, "conv_kernel_size")
    try require(
      kernel % 2 == 1, "conv_kernel_size", "an odd number or null", got: kernel)
    if let skip = vSkipConnection {
      throw PartError(
        .value(
          key: "v_skip_connection", expected: "null; give a module to the initialiser",
          got: skip.description))
    }
    if causal {
      throw PartError(
        .unsupported(
          feature: "`causal`: true", reason: "landmarks are means over past and future tokens"))
    }
  }
}

// @register(attention, "nystrom", NystromSelfAttentionConfig)
/// An attention that meets keys only through landmarks, as in a Nyström approximation.
///
/// [Xiong et al., 2021](https://arxiv.org/abs/2102.03902). Landmarks are means of segments: of
/// T = m·s + r tokens, the first m − r segments hold s, the last r hold s + 1. With as many landmarks
/// as keys, attention is exact. Unlike the original zoo: padded tokens enter no landmark, a landmark of
/// padding alone is left out, values are masked before the convolution, fewer queries than landmarks
/// work, and `causal` is refused instead of leaking.
///
/// - Shapes: query `[N, S, D]`, key `[N, T, D]`, value `[N, T, V]` → `[N, S, V]`; S = T with a
///   convolution. When S = T, the padding of keys also applies to queries.
/// - Masks: key padding.
/// - Complexity: O((S + T)·m·D + m³) time, O((S + T)·m) memory.
public final class NystromAttention: Module, Attention {
  /// The options.
  public let config: NystromSelfAttentionConfig
  /// The depthwise kernel over tokens, `[H, 1, K, 1]`.
  public let skipWeight: Parameter?
  private let dropout: Dropout
  private let pooling: ((Tensor) throws -> Tensor)?
  private let skip: ((Tensor) throws -> Tensor)?

  /// Draws the kernel of the convolution, if it has one, uniformly from ±1/√K.
  public convenience init(_ config: NystromSelfAttentionConfig, generator: Generator) throws {
    try self.init(config, generator: generator, landmarkPooling: nil, skip: nil)
  }

  /// Makes the attention with custom landmarks or a custom skip.
  ///
  /// - `landmarkPooling`: landmarks `[N, m, D]` of tokens `[N, L, D]`, of which padded ones are 0.
  /// - `skip`: computes from the values `[N, T, V]` what is added to the output, instead of a
  ///   convolution.
  public init(
    _ config: NystromSelfAttentionConfig, generator: Generator,
    landmarkPooling: ((Tensor) throws -> Tensor)?, skip: ((Tensor) throws -> Tensor)?
  ) throws {
    self.config = config
    pooling = landmarkPooling
    self.skip = skip
    dropout = Dropout(config.dropout, generator: generator)
    let kernel: SkipConnection? = try config.convKernelSize.map {
      try SkipConnection(heads: config.numHeads, width: $0, generator: generator)
    }
    skipWeight = kernel?.weight
    super.init(["skip_connection": kernel, "attn_drop": dropout])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try check(query, key, value, masks)
    let real = try masks.realRows(lengths, claims: claims)
    var output =
      try config.numLandmarks >= lengths.keys
      ? softmaxAttention(query, key, value, mask: LogitMask(keys: real))
      : throughLandmarks(query, key, value, real)
    if let added = try skipped(value, real) { output = try output + added }
    return try dropout(output)
  }

  /// softmax(q k̃ᵀ/√D) · softmax(q̃ k̃ᵀ/√D)⁺ · softmax(q̃ kᵀ/√D) v, with landmarks q̃ and k̃.
  private func throughLandmarks(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ real: Tensor?
  ) throws -> Tensor {
    // With as many queries as keys, the padding of the keys is that of the queries as well.
    let queries = try Landmarks(
      query, min(config.numLandmarks, query.size(1)),
      real: query.size(1) == key.size(1) ? real : nil, pooling: pooling)
    let keys = try Landmarks(key, config.numLandmarks, real: real, pooling: pooling)
    let mask = try LogitMask(keys: keys.present)
    let outer = try attentionWeights(query, keys.values, mask: mask)
    let middle = try attentionWeights(queries.values, keys.values, mask: mask)
      .zeroingPadding(queries.present)
    let inner = try softmaxAttention(queries.values, key, value, mask: LogitMask(keys: real))
    return try outer.matmul(pseudoInverse(middle).matmul(inner))
  }

  private func pseudoInverse(_ kernel: Tensor) throws -> Tensor {
    guard config.useRazaviPinverse else { return try isolatedPseudoInverse(kernel) }
    return try iterativePseudoInverse(
      kernel, iterations: config.invIterations, perMatrix: !config.pinverseOriginalInit)
  }

  /// What is added to the output: the values, padding zeroed, after the convolution over tokens or
  /// the module given to the initialiser.
  private func skipped(_ value: Tensor, _ real: Tensor?) throws -> Tensor? {
    let clean = try value.zeroingPadding(real)
    if let skip { return try skip(clean) }
    guard let kernel = skipWeight?.value else { return nil }
    return try clean.reshaped([-1, config.numHeads, clean.size(1), clean.size(2)])
      .convolved(kernel, padding: (kernel.size(2) / 2, 0), groups: config.numHeads)
      .reshaped(clean.shape)
  }
}

/// The weight of the depthwise convolution over tokens, one kernel for each head, under its key.
private final class SkipConnection: Module {
  let weight: Parameter

  init(heads: Int, width: Int, generator: Generator) throws {
    let bound = 1 / Double(width).squareRoot()
    weight = try Parameter(
      Tensor.uniform([heads, 1, width, 1], -bound..<bound, generator: generator))
    super.init(["weight": weight])
  }
}

// MARK: Contract

extension NystromAttention {
  /// What holds for all lengths; with enough landmarks, the claims of exact attention hold too.
  public static func claims(for config: NystromSelfAttentionConfig) -> Claims {
    var claims = Claims()
    let hasSkip = config.convKernelSize != nil
    claims.masks = [.keyPadding]
    claims.linearInValue = true
    claims.rowsSumToOne = !config.useRazaviPinverse && !hasSkip
    claims.pattern = .full
    claims.accuracy = .approximates(
      oracle: "scaled_dot_product", knob: "num_landmarks", law: "NYS2")
    claims.crossLength = !hasSkip
    claims.valueWidth = .free
    claims.batchIndependent = !(config.useRazaviPinverse && config.pinverseOriginalInit)
    claims.nanIsolation = claims.batchIndependent ? [.masked, .batchRow] : [.masked]
    // libtorch computes no singular values in half precision.
    if !config.useRazaviPinverse { claims.dtypes = [.float64, .float32] }
    if let width = config.convKernelSize {
      claims.parameters["skip_connection.weight"] = ParameterClaim(
        [config.numHeads, 1, width, 1], .uniform(bound: 1 / Double(width).squareRoot()))
    }
    claims.dropout = .output(key: "dropout")
    claims.memoryExponent = 1
    claims.definition = Definition(
      "nystrom",
      options: [
        "num_heads": .integer(config.numHeads), "num_landmarks": .integer(config.numLandmarks),
        "use_razavi_pinverse": .bool(config.useRazaviPinverse),
        "inv_iterations": .integer(config.invIterations),
        "pinverse_original_init": .bool(config.pinverseOriginalInit),
      ], parameters: hasSkip ? ["skip": "skip_connection.weight"] : [:])
    return claims
  }

  /// With at least as many landmarks as keys, attention is exact. With fewer queries than landmarks,
  /// the kernel between landmarks is not square, and its inverse does not preserve row sums.
  public func claims(queryLength: Int, keyLength: Int) -> Claims {
    var claims = self.claims
    if queryLength < config.numLandmarks { claims.rowsSumToOne = false }
    guard config.numLandmarks >= keyLength else { return claims }
    claims.accuracy = .exact
    claims.batchIndependent = true
    claims.nanIsolation = [.masked, .batchRow]
    claims.softmaxOverProducts = config.convKernelSize == nil
    guard config.convKernelSize == nil else { return claims }
    claims.queryEquivariant = true
    claims.keyValueInvariant = true
    claims.rowsSumToOne = true
    claims.convexHull = true
    return claims
  }

  /// The original averages padding into its landmarks and into its convolution.
  public func reference(for inputs: [String: Tensor]) -> ReferenceClaim {
    guard let padding = inputs["key_padding_mask"], let key = inputs["k"], key.rank == 3,
      let lengths = try? checkInputs(inputs["q"] ?? key, key, inputs["v"] ?? key),
      let real = try? Masks(keyPadding: padding).realTokens(lengths, claims: claims),
      (try? real.allTrue()) == false
    else { return .matches }
    if config.numLandmarks < lengths.keys {
      return .deviates(reason: "landmarks are means of real tokens, not of padding as well")
    }
    if config.convKernelSize != nil {
      return .deviates(reason: "values are masked before the convolution")
    }
    let isEmpty = (try? (real.any(1)).allTrue()) == false
    return isEmpty ? .deviates(reason: "a row without keys gives 0, not NaN") : .matches
  }

  private func check(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ masks: Masks) throws
    -> AttentionLengths
  {
    let lengths = try checkInputs(query, key, value)
    guard skipWeight == nil || lengths.folded % config.numHeads == 0 else {
      throw error(
        .shape(
          tensor: "v", expected: "N = B·H with H = num_heads = \(config.numHeads)",
          got: value.shape))
    }
    try masks.check(lengths, dtype: query.dtype, claims: claims)
    return lengths
  }
}
