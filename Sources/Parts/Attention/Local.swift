internal import JSON
public import Torch

/// The options of a local attention.
public struct LocalAttentionConfig: PartConfig {
  /// Whether a query sees only keys up to its own position.
  public var causal = false
  /// The width of the window, in tokens; odd unless causal.
  public var windowSize = 5
  /// Accepted for configurations of the original; it never changes a result.
  public var forceSparsity = false
  /// The share of attention weights dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Two tokens to each side.
  public static let sample = Self()
  /// Windows around the length, both parities.
  public static let domain: [String: OptionDomain] = ["window_size": .around(.queryLength)]
  /// The implementation follows from the costs.
  public static let inert: Set = ["force_sparsity"]

  /// Checks the window's parity and the share.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: windowSize, "window_size")
    try require(
      causal || windowSize % 2 == 1, "window_size", "an odd number unless causal",
      got: windowSize)
  }
}

// @register(attention, "local", LocalAttentionConfig)
/// Softmax attention within a sliding window around each token.
///
/// [Beltagy et al., 2020](https://arxiv.org/abs/2004.05150), also in BigBird and the Routing
/// Transformer. A window of w tokens spans (w − 1)/2 to each side. Causal, it spans w tokens of the
/// past and the token itself, w + 1 in all, as in the original. Unlike there, any mask may be combined
/// with the window, and an empty row gives 0.
///
/// - Shapes: query, key `[N, S, D]`, value `[N, S, V]` → `[N, S, V]`.
/// - Masks: all kinds.
/// - Complexity: O(S·w·D) time and O(S·w) memory for windows of w tokens; all pairs for a call
///   with a mask.
public final class LocalAttention: Module, KeyCachingAttention {
  /// The options.
  public let config: LocalAttentionConfig
  /// The implementation to use.
  public var path = AttentionPath.automatic
  private let dropout: Dropout

  /// Makes the attention; it has no parameters.
  public init(_ config: LocalAttentionConfig, generator: Generator) throws {
    self.config = config
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["attn_drop": dropout])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    let masks = try masks.effective(lengths, dtype: query.dtype, claims: claims)
    if masks.isEmpty, band.isStructured(lengths.queries, path) {
      return try band.attention(query, key, value, dropout)
    }
    var mask = try masks.resolved(lengths, dtype: query.dtype, claims: claims)
    try mask.restrict(band.pattern(lengths.queries))
    return try softmaxAttention(query, key, value, mask: mask, dropout: dropout)
  }

  /// The keys that a query sees, relative to its position.
  private var band: Band {
    let wing = (config.windowSize - 1) / 2
    return config.causal
      ? Band(past: config.windowSize, future: 0) : Band(past: wing, future: wing)
  }
}

// MARK: Contract

extension LocalAttention {
  var reach: (past: Int?, first: Int)? { config.causal ? (config.windowSize, 0) : nil }

  /// The claims of softmax attention, with a band.
  public static func claims(for config: LocalAttentionConfig) -> Claims {
    var claims = Claims.softmax
    claims.causal = config.causal ? .always : .option
    claims.incremental = config.causal
    claims.masks = Set(MaskKind.allCases)
    claims.pattern =
      config.causal
      ? .band(past: config.windowSize, future: 0)
      : .band(past: (config.windowSize - 1) / 2, future: (config.windowSize - 1) / 2)
    if case .band(let past?, let future?) = claims.pattern {
      let band = Band(past: past, future: future)
      claims.thresholds = [band.secondChunk, band.structuredLength]
    }
    claims.dropout = .weights(key: "dropout")
    claims.memoryExponent = 1
    claims.definition = Definition(
      "local",
      options: ["causal": .bool(config.causal), "window_size": .integer(config.windowSize)])
    return claims
  }
}
