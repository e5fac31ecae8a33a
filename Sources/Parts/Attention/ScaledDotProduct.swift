internal import JSON
public import Torch

/// The options of a scaled dot-product attention.
public struct ScaledDotProductConfig: PartConfig {
  /// Whether a query sees only keys up to its own position.
  public var causal = false
  /// Accepted for configurations of the original; here masks follow the lengths of each call.
  public var seqLen: Int?
  /// Accepted for configurations of the original; here masks follow the lengths of each call.
  public var toSeqLen: Int?
  /// The share of attention weights dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// No mask, no dropout.
  public static let sample = Self()
  /// The lengths limit nothing, so any value will do.
  public static let domain: [String: OptionDomain] = [
    "seq_len": .values([nil, 4]), "to_seq_len": .values([nil, 5]),
  ]
  /// The lengths are those of each call.
  public static let inert: Set = ["seq_len", "to_seq_len"]

  /// Checks the share and the lengths.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: seqLen ?? 1, "seq_len")
    try require(size: toSeqLen ?? 1, "to_seq_len")
  }
}

// @register(attention, "scaled_dot_product", ScaledDotProductConfig)
/// Full softmax attention, with any mask, causal on request.
///
/// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762). Unlike the original zoo, `seq_len` is no
/// limit, a query without allowed keys gives 0, and a mask `[B, S, T]` applies to all heads of its item.
///
/// - Shapes: query `[N, S, D]`, key `[N, T, D]`, value `[N, T, V]` → `[N, S, V]`.
/// - Masks: all kinds. Causal needs S = T.
/// - Complexity: O(S·T·D) time, O(S·T) memory; without an additive mask and with values as wide as
///   keys, from 32,768 pairs on (causal: 8,192), libtorch's fused kernel is used, which stores no
///   matrix of weights and cannot be differentiated twice.
public final class ScaledDotProductAttention: Module, SharedKeyAttention, KeyCachingAttention {
  /// The options.
  public let config: ScaledDotProductConfig
  /// The implementation to use.
  public var path = AttentionPath.automatic
  private let dropout: Dropout
  private let causalPairs = CausalPairs.Kept()

  /// Makes the attention; it has no parameters.
  public init(_ config: ScaledDotProductConfig, generator: Generator) throws {
    self.config = config
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["attn_drop": dropout])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    try attend(query, key, value, masks, checkInputs(query, key, value))
  }

  func attend(
    _ query: Tensor, sharing key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = AttentionLengths(
      front: [query.size(0)], queries: query.size(1), keys: key.size(1), part: errorTitle)
    return try attend(query, key, value, masks, lengths)
  }

  private func attend(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ masks: Masks, _ lengths: AttentionLengths
  ) throws -> Tensor {
    let claims = claims
    let masks = try masks.effective(lengths, dtype: query.dtype, claims: claims)
    let isFused = path.fuses(
      query, key, value, drops: isTraining && config.dropout > 0,
      isCausal: config.causal && masks.isEmpty)
    if isFused, masks.isEmpty {
      return try fusedAttention(query, key, value, isCausal: config.causal)
    }
    let mask = try masks.resolved(
      lengths, dtype: query.dtype, claims: claims, keeping: causalPairs)
    if isFused, try mask.isBoolean {
      return try fusedAttention(query, key, value, allowed: mask.allowed)
    }
    return try softmaxAttention(query, sharing: key, value, mask: mask, dropout: dropout)
  }
}

// MARK: Contract

extension ScaledDotProductAttention {
  var reach: (past: Int?, first: Int)? { config.causal ? (nil, 0) : nil }

  /// All claims of softmax attention.
  public static func claims(for config: ScaledDotProductConfig) -> Claims {
    var claims = Claims.softmax
    claims.causal = config.causal ? .always : .option
    claims.masks = Set(MaskKind.allCases)
    claims.queryEquivariant = !config.causal
    claims.keyValueInvariant = !config.causal
    claims.crossLength = !config.causal
    claims.incremental = config.causal
    claims.pattern = .full
    claims.thresholds = [AttentionPath.fusedLength(isCausal: config.causal)]
    claims.dropout = .weights(key: "dropout")
    claims.definition = Definition("scaled_dot_product", options: ["causal": .bool(config.causal)])
    return claims
  }
}

extension Claims {
  /// What holds for softmax over scaled products with any pattern.
  static var softmax: Claims {
    var claims = Claims()
    claims.linearInValue = true
    claims.rowsSumToOne = true
    claims.convexHull = true
    claims.valueWidth = .free
    claims.nanIsolation = [.masked, .batchRow]
    claims.softmaxOverProducts = true
    return claims
  }
}
