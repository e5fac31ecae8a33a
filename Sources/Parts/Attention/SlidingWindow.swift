internal import JSON
public import Torch

/// The options of a sliding-window attention.
public struct SlidingWindowAttentionConfig: PartConfig {
  /// How many of the latest keys a query sees, its own included.
  public var windowSize = 5
  /// How many of the first keys each later query sees besides.
  public var numSinks = 4
  /// The share of attention weights dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Five tokens and four sinks.
  public static let sample = Self()
  /// Windows around the length, and sinks from none to more than there are keys.
  public static let domain: [String: OptionDomain] = [
    "window_size": .around(.queryLength), "num_sinks": .values([4, 0, 1, 2, 20]),
  ]

  /// Checks the sizes and the share.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: windowSize, "window_size")
    try require(
      numSinks >= 0 && numSinks <= Int(Int32.max), "num_sinks",
      "a whole number from 0 to \(Int32.max)", got: numSinks)
  }
}

// @register(attention, "sliding_window", SlidingWindowAttentionConfig)
/// Causal softmax attention to the latest tokens and to the first ones, the attention sinks.
///
/// Beyond the original zoo. The window of [Mistral 7B](https://arxiv.org/abs/2310.06825), which counts
/// the token itself, w keys in all, where a causal ``LocalAttention`` sees w + 1; and the sinks of
/// [StreamingLLM](https://arxiv.org/abs/2309.17453). A query i sees the keys j ≤ i with i − j < w or
/// j < s. Positions are not moved together as in a cache of StreamingLLM.
///
/// - Shapes: query, key `[N, S, D]`, value `[N, S, V]` → `[N, S, V]`.
/// - Masks: all kinds.
/// - Complexity: O(S·(w + s)·D) time and O(S·(w + s)) memory for windows of w tokens and s sinks; all
///   pairs for a call with a mask.
public final class SlidingWindowAttention: Module, KeyCachingAttention {
  /// The options.
  public let config: SlidingWindowAttentionConfig
  /// The implementation to use.
  public var path = AttentionPath.automatic
  private let dropout: Dropout

  /// Makes the attention; it has no parameters.
  public init(_ config: SlidingWindowAttentionConfig, generator: Generator) throws {
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
    let band = Band(config)
    if masks.isEmpty, band.isStructured(lengths.queries, path) {
      return try band.attention(query, key, value, dropout)
    }
    var mask = try masks.resolved(lengths, dtype: query.dtype, claims: claims)
    try mask.restrict(band.pattern(lengths.queries))
    return try softmaxAttention(query, key, value, mask: mask, dropout: dropout)
  }
}

extension Band {
  /// The keys that a query sees.
  fileprivate init(_ config: SlidingWindowAttentionConfig) {
    self.init(past: config.windowSize - 1, future: 0, sinks: config.numSinks)
  }
}

// MARK: Contract

extension SlidingWindowAttention {
  var reach: (past: Int?, first: Int)? { (config.windowSize - 1, config.numSinks) }

  /// The claims of softmax attention, with a pattern of pairs.
  public static func claims(for config: SlidingWindowAttentionConfig) -> Claims {
    let (window, sinks) = (config.windowSize, config.numSinks)
    var claims = Claims.softmax
    claims.causal = .always
    claims.incremental = true
    claims.masks = Set(MaskKind.allCases)
    claims.pattern = .pairs(
      PairRule("the latest \(window) keys and the first \(sinks)") {
        $0 - $1 < window || $1 < sinks
      })
    let band = Band(config)
    claims.thresholds = [band.secondChunk, band.structuredLength]
    claims.dropout = .weights(key: "dropout")
    claims.memoryExponent = 1
    claims.definition = Definition(
      "sliding_window",
      options: ["window_size": .integer(window), "num_sinks": .integer(sinks)])
    return claims
  }
}
