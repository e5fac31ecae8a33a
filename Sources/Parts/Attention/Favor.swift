internal import Foundation
internal import JSON
public import Torch

/// The options of a FAVOR+ attention.
public struct FavorAttentionConfig: PartConfig {
  /// How tokens become features whose products estimate the softmax kernel.
  public enum FeatureMap: String, Codable, Sendable, CaseIterable {
    /// Exponentials along orthogonal vectors with the lengths of normal ones.
    case orthogonal = "sm_orf"
    /// The same along each vector and its opposite, which gives two features for each vector.
    case hyperbolic = "sm_hyp"
    /// As hyperbolic, but all vectors have length √D: less variance, and a kernel that is slightly too
    /// small.
    case regularised = "sm_reg"

    /// The number of features from each vector.
    var sides: Int { self == .orthogonal ? 1 : 2 }
  }

  /// The width of queries and keys of a head, in channels.
  public var dimHead: Int
  /// The number of features, even unless orthogonal; by default D·(1 + log₂ D), rounded.
  public var dimFeatures: Int?
  /// Whether a query sees only keys up to its own position.
  public var causal = false
  /// After how many calls in training the features are redrawn; if nil, never.
  public var iterBeforeRedraw: Int?
  /// How tokens become features; by default regularised.
  public var featureMap: FeatureMap?
  /// Another name for `feature_map`.
  public var featureMapType: FeatureMap?
  /// Accepted for configurations of the original, where it subtracts a constant that cancels.
  public var normalizeInputs = false
  /// The share of outputs dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Four channels.
  public static let sample = Self(dimHead: 4)
  /// The features are part of the state, so their width must be known.
  public static let required = ["dim_head"]
  /// Fewer features than channels, a truncated block, and several blocks.
  public static let domain: [String: OptionDomain] = [
    "dim_features": .values([nil, 2, 5, 32]), "iter_before_redraw": .values([nil, 1, 3]),
    "feature_map": .values([nil, "sm_reg", "sm_hyp", "sm_orf"]),
    "feature_map_type": .fixed,
  ]
  /// A constant that is subtracted from all exponents cancels.
  public static let inert: Set = ["normalize_inputs"]

  /// The feature map in use.
  public var map: FeatureMap { featureMap ?? featureMapType ?? .regularised }

  /// The number of features in use: 2·⌊⌈D·(1 + log₂ D)⌉ / 2⌋ by default, and at least 2.
  public var featureCount: Int {
    let width = Double(dimHead)
    return dimFeatures ?? max(2 * (Int((width * (1 + log2(width))).rounded(.up)) / 2), 2)
  }

  /// Checks the sizes, their parity, the share, and that both names give the same map.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: dimHead, "dim_head")
    try require(size: featureCount, "dim_features")
    try require(size: iterBeforeRedraw ?? 1, "iter_before_redraw")
    try require(
      featureMap == nil || featureMapType == nil || featureMap == featureMapType,
      "feature_map_type", "\"\(map.rawValue)\" as `feature_map`",
      got: featureMapType?.rawValue ?? "null")
    try require(
      featureCount % map.sides == 0, "dim_features",
      "an even number, since \(map.rawValue) takes each vector with both signs", got: featureCount)
  }
}

// @register(attention, "favor", FavorAttentionConfig)
/// An attention through positive random features, which estimate the softmax kernel.
///
/// [Choromanski et al., 2020](https://arxiv.org/abs/2009.14794): yᵢ = φ(qᵢ)·Σⱼ φ(kⱼ) vⱼᵀ / φ(qᵢ)·Σⱼ φ(kⱼ)
/// with φ(x) = exp(ωᵀx' − ‖x'‖²/2)/√m and x' = x/D^¼, causal over j ≤ i. Unlike the original zoo, the
/// features are those of the paper, orthogonal in blocks of D and of length √D when regularised; they
/// are part of the state, shared by q and k, and redrawn in training only, at the first call and at
/// regular intervals; `feature_map` has an effect; causal attention sums over the past, where the
/// original averages channels; and no result overflows, however long the token vectors are.
///
/// - Shapes: query `[N, S, D]`, key `[N, T, D]`, value `[N, T, V]`,
///   D = ``FavorAttentionConfig/dimHead`` → `[N, S, V]`.
/// - Masks: key padding, exactly. Causal needs S = T.
/// - Complexity: O((S + T)·m·(D + V)) time, O((S + T)·(m + D + V)) memory, backward too.
public final class FavorAttention: Module, FeatureCachingAttention {
  /// The options.
  public let config: FavorAttentionConfig
  private let features: RandomFeatures
  private let dropout: Dropout

  /// Draws the features.
  public init(_ config: FavorAttentionConfig, generator: Generator) throws {
    self.config = config
    features = try RandomFeatures(
      config.dimHead, config.featureCount / config.map.sides,
      isRegular: config.map == .regularised, period: config.iterBeforeRedraw,
      generator: generator)
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["feature_map": features, "attn_drop": dropout])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try check(query, key, value, masks)
    let real = try masks.realRows(lengths, claims: claims)
    let (queries, keys) = try features(query, key.zeroingPadding(real))
    return try dropout(
      FeatureSums.attention(queries, keys, value, real: real, isCausal: config.causal))
  }

  func features(_ query: Tensor, _ key: Tensor) throws -> (queries: Tensor, keys: Tensor) {
    // In half precision, exponents would have no digits after the point.
    let dtype: DType = query.dtype == .float64 ? .float64 : .float32
    let vectors = try features.next().to(dtype)
    // The same offset for all features of a query cancels.
    let (queries, _) = try exponents(query.to(dtype), vectors)
    let (products, offset) = try exponents(key.to(dtype), vectors)
    return (queries, try products - offset)
  }

  /// ωᵀx' for each feature, `[N, L, m]`, and ‖x'‖²/2, `[N, L, 1]`, of tokens `[N, L, D]`.
  private func exponents(_ tokens: Tensor, _ vectors: Tensor) throws -> (Tensor, offset: Tensor) {
    let scaled = try tokens * (1 / Double(config.dimHead).squareRoot().squareRoot())
    let products = try scaled.matmul(vectors)
    let both = try config.map.sides == 1 ? products : Tensor.cat([products, -products], -1)
    return (both, try (scaled * scaled).sum(-1, keep: true) * 0.5)
  }
}

// MARK: Contract

extension FavorAttention {
  var isCausal: Bool { config.causal }

  /// Convex weights that depend on each pair alone, not on its position.
  public static func claims(for config: FavorAttentionConfig) -> Claims {
    var claims = Claims()
    claims.causal = config.causal ? .always : .option
    claims.masks = [.keyPadding]
    claims.queryEquivariant = !config.causal
    claims.keyValueInvariant = !config.causal
    claims.linearInValue = true
    claims.rowsSumToOne = true
    claims.convexHull = true
    claims.pattern = .full
    claims.redrawsInTraining = config.iterBeforeRedraw
    // The regularised kernel converges too, but to a different limit.
    claims.accuracy = .approximates(
      oracle: "scaled_dot_product", knob: "dim_features",
      law: config.map == .regularised ? "FAV1" : "FAV8")
    claims.crossLength = !config.causal
    claims.incremental = config.causal
    claims.valueWidth = .free
    claims.nanIsolation = [.masked, .batchRow]
    if config.causal { claims.thresholds = FeatureSums.longerChunks }
    claims.dropout = .output(key: "dropout")
    claims.memoryExponent = 1
    claims.definition = Definition(
      "favor",
      options: [
        "causal": .bool(config.causal), "feature_map": .string(config.map.rawValue),
        "dim_features": .integer(config.featureCount), "dim_head": .integer(config.dimHead),
        "normalize_inputs": .bool(config.normalizeInputs),
      ])
    return claims
  }

  /// Query, key and value, of the width of the features.
  public var signature: Signature {
    let keys: Signature.Axis = config.causal ? "S" : "T"
    return Signature(
      [
        .init("q", ["N", "S", "D"]), .init("k", ["N", keys, "D"]), .init("v", ["N", keys, "V"]),
      ], output: ["N", "S", "V"], fixed: ["D": config.dimHead])
  }

  /// The features.
  public var drawn: [String: Tensor] { ["features": features.value] }

  /// Uses these features, and draws no others in training until the part is reseeded.
  public func inject(_ drawn: [String: Tensor]) throws {
    for (name, tensor) in drawn.sorted(by: { $0.key < $1.key }) {
      guard name == "features" else {
        throw error(.unknownTensor(tensor: "state.\(name)", known: ["state.features"]))
      }
      let expected = features.value.shape
      guard tensor.shape == expected else {
        throw error(
          .shape(tensor: "state.features", expected: "[D, F] = \(expected)", got: tensor.shape))
      }
      guard tensor.dtype.isFloating else {
        throw error(
          .dtype(tensor: "state.features", expected: "a floating type", got: tensor.dtype.rawValue))
      }
      try features.hold(tensor)
    }
  }

  /// The causal attention of the original is not causal.
  public func reference(for inputs: [String: Tensor]) -> ReferenceClaim {
    config.causal
      ? .deviates(reason: "causal attention sums over the past, not over channels") : .matches
  }

  private func check(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ masks: Masks) throws
    -> AttentionLengths
  {
    let lengths = try checkInputs(query, key, value)
    guard lengths.width == config.dimHead else {
      throw error(
        .shape(
          tensor: "q", expected: "[N, ·, D] with D = dim_head = \(config.dimHead)",
          got: query.shape))
    }
    try masks.check(lengths, dtype: query.dtype, claims: claims)
    return lengths
  }
}
