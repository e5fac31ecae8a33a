public import JSON
public import Torch

/// The options of a Nyström attention.
public struct NystromSelfAttentionConfig: PartConfig {
  /// How landmarks come from tokens, where JSON can name it.
  public enum LandmarkPooling: String, Codable, Sendable, CaseIterable {
    /// The mean of each segment.
    case segmentMean = "segment_mean"
  }

  /// The number of heads; only the convolutional skip needs to tell them apart.
  public var numHeads: Int
  /// The number of landmarks; from the number of keys on, attention is exact.
  public var numLandmarks = 64
  /// How landmarks come from tokens; another way is given to the initialiser.
  public var landmarkPooling: LandmarkPooling?
  /// Accepted as false only: landmarks mix past and future.
  public var causal = false
  /// Whether the pseudo-inverse is found by iteration; otherwise by singular values.
  public var useRazaviPinverse = true
  /// The number of iterations.
  public var invIterations = 6
  /// Whether the iteration starts from one norm for the whole batch, which couples its items.
  public var pinverseOriginalInit = false
  /// The width of the convolution of the values that is added, in tokens; odd. Nil is none.
  public var convKernelSize: Int?
  /// Accepted as null only; a module is given to the initialiser.
  public var vSkipConnection: JSON?
  /// The share of outputs dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Two heads and the default landmarks.
  public static let sample = Self(numHeads: 2)
  /// The number of heads has no default.
  public static let required = ["num_heads"]
  /// Landmarks around the number of keys; few iterations and enough of them.
  public static let domain: [String: OptionDomain] = [
    "num_heads": .equal(.heads), "num_landmarks": .around(.keyLength), "causal": .fixed,
    "landmark_pooling": .values([nil, "segment_mean"]), "inv_iterations": .values([1, 3, 6]),
    "conv_kernel_size": .values([nil, 1, 3, 5]), "v_skip_connection": .fixed,
  ]

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
/// padding only takes no part, values are masked before the convolution, fewer queries than landmarks
/// work, and `causal` is refused instead of leaking.
///
/// - Shapes: query `[N, S, D]`, key `[N, T, D]`, value `[N, T, V]` → `[N, S, V]`; S = T with a
///   convolution. Padding of keys is that of queries, too, when S = T.
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

  /// Draws the kernel of the convolution, if there is one, evenly from ±1/√K.
  public convenience init(_ config: NystromSelfAttentionConfig, generator: Generator) throws {
    try self.init(config, generator: generator, landmarkPooling: nil, skip: nil)
  }

  /// Makes the attention with landmarks or a skip of one's own.
  ///
  /// - `landmarkPooling`: landmarks `[N, m, D]` of tokens `[N, L, D]`, padded ones being 0.
  /// - `skip`: what is added to the output, of values `[N, T, V]`, instead of a convolution.
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

  /// Little holds for all lengths; exact attention's promises do with enough landmarks.
  public static func claims(for config: NystromSelfAttentionConfig) -> Claims {
    var claims = Claims()
    let hasSkip = config.convKernelSize != nil
    claims.masks = [.keyPadding]
    claims.linearInValue = true
    claims.rowsSumToOne = !config.useRazaviPinverse && !hasSkip
    claims.accuracy = .approximates(
      oracle: "scaled_dot_product", knob: "num_landmarks", law: "NYS2")
    claims.crossLength = !hasSkip
    claims.valueWidth = .free
    claims.batchIndependent = !(config.useRazaviPinverse && config.pinverseOriginalInit)
    claims.nanIsolation = claims.batchIndependent ? [.masked, .batchRow] : [.masked]
    // Singular values are not computed in half precision.
    if !config.useRazaviPinverse { claims.dtypes = [.float64, .float32] }
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

  /// From as many landmarks as keys on, attention is exact; with fewer queries than landmarks, the
  /// kernel between landmarks is not square, and its inverse does not keep row sums.
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
    claims.pattern = .full
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

  /// Attends.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    try checkHeads(lengths, query.dtype)
    _ = try Masks(attention: masks.attention).resolved(
      lengths, dtype: query.dtype, claims: claims)
    let real = try realRows(masks, lengths)
    var output: Tensor
    if config.numLandmarks >= lengths.keys {
      output = try softmaxAttention(
        query, key, value, mask: LogitMask(allowed: real.map { try $0.unsqueezed(1) }))
    } else {
      output = try throughLandmarks(query, key, value, real, lengths)
    }
    if let added = try skipped(value, real, lengths) { output = try output + added }
    return try dropout(output)
  }

  private func checkHeads(_ lengths: AttentionLengths, _ dtype: DType) throws {
    guard let skipWeight else { return }
    guard lengths.folded % config.numHeads == 0 else {
      throw error(
        .shape(
          tensor: "v", expected: "N = B·H with H = num_heads = \(config.numHeads)",
          got: [lengths.folded, lengths.keys, lengths.valueWidth]))
    }
    guard skipWeight.value.dtype == dtype else {
      throw error(
        .dtype(
          tensor: "q", expected: "\(skipWeight.value.dtype) as the parameter `skip_connection`",
          got: dtype.rawValue))
    }
  }

  /// Which tokens are real, `[N, T]`, or nil for all.
  private func realRows(_ masks: Masks, _ lengths: AttentionLengths) throws -> Tensor? {
    guard let real = try masks.realTokens(lengths, claims: claims) else { return nil }
    return try real.repeatInterleaved(lengths.folded / real.size(0), 0)
  }

  private func throughLandmarks(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ real: Tensor?, _ lengths: AttentionLengths
  ) throws -> Tensor {
    let queries = try Landmarks(
      query, min(config.numLandmarks, lengths.queries),
      real: lengths.queries == lengths.keys ? real : nil, pooling: pooling)
    let keys = try Landmarks(key, config.numLandmarks, real: real, pooling: pooling)
    let allowed = LogitMask(allowed: try keys.present?.unsqueezed(1))
    let outer = try attentionWeights(query, keys.values, mask: allowed)
    var middle = try attentionWeights(queries.values, keys.values, mask: allowed)
    if let present = queries.present {
      middle = try middle.filled(0, where: .!present.unsqueezed(-1))
    }
    let inner = try softmaxAttention(
      queries.values, key, value, mask: LogitMask(allowed: real.map { try $0.unsqueezed(1) }))
    let inverse =
      config.useRazaviPinverse
      ? try iterativePseudoInverse(
        middle, iterations: config.invIterations, perMatrix: !config.pinverseOriginalInit)
      : try isolatedPseudoInverse(middle)
    return try outer.matmul(inverse.matmul(inner))
  }

  private func skipped(_ value: Tensor, _ real: Tensor?, _ lengths: AttentionLengths) throws
    -> Tensor?
  {
    var clean = value
    if let real { clean = try value.filled(0, where: .!real.unsqueezed(-1)) }
    if let skip { return try skip(clean) }
    guard let skipWeight else { return nil }
    let heads = config.numHeads
    let grid = try clean.reshaped([
      lengths.folded / heads, heads, lengths.keys, lengths.valueWidth,
    ])
    let padding = skipWeight.value.size(2) / 2
    return try grid.convolved(skipWeight.value, padding: (padding, 0), groups: heads)
      .reshaped([lengths.folded, lengths.keys, lengths.valueWidth])
  }
}

/// The depthwise convolution over tokens, one kernel a head; it holds the weight under its key.
private final class SkipConnection: Module {
  let weight: Parameter

  init(heads: Int, width: Int, generator: Generator) throws {
    let bound = 1 / Double(width).squareRoot()
    weight = try Parameter(
      Tensor.uniform([heads, 1, width, 1], -bound..<bound, generator: generator))
    super.init(["weight": weight])
  }
}
