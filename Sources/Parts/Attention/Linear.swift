internal import JSON
public import Torch

/// The options of a linear attention.
public struct LinearAttentionConfig: PartConfig {
  /// Whether a query sees only keys up to its own position.
  public var causal = false
  /// The share of outputs dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// All keys, no dropout.
  public static let sample = Self()

  /// Checks the share.
  public func validate() throws { try require(dropout: dropout) }
}

// @register(attention, "linear", LinearAttentionConfig)
/// An attention whose weights are products of positive features, so that keys can be summed first.
///
/// Beyond the original zoo. [Katharopoulos et al., 2020](https://arxiv.org/abs/2006.16236):
/// yᵢ = φ(qᵢ)·Σⱼ φ(kⱼ) vⱼᵀ / φ(qᵢ)·Σⱼ φ(kⱼ) with φ(x) = elu(x) + 1, that is x + 1 above 0 and eˣ below,
/// for each channel; causal over j ≤ i. Features are computed as logarithms, in a wider type, so that
/// none underflows or overflows, however long the token vectors are; the reference code adds 10⁻⁶ to
/// the denominator instead.
///
/// - Shapes: query `[N, S, D]`, key `[N, T, D]`, value `[N, T, V]` → `[N, S, V]`.
/// - Masks: key padding, exactly. Causal needs S = T.
/// - Complexity: O((S + T)·D·V) time, O((S + T)·(D + V)) memory, backward too.
public final class LinearAttention: Module, FeatureCachingAttention {
  /// The options.
  public let config: LinearAttentionConfig
  private let dropout: Dropout

  /// Makes the attention; it has no parameters.
  public init(_ config: LinearAttentionConfig, generator: Generator) throws {
    self.config = config
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["attn_drop": dropout])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    try masks.check(lengths, dtype: query.dtype, claims: claims)
    let real = try masks.realRows(lengths, claims: claims)
    let (queries, keys) = try features(query, key.zeroingPadding(real))
    return try dropout(
      FeatureSums.attention(queries, keys, value, real: real, isCausal: config.causal))
  }

  func features(_ query: Tensor, _ key: Tensor) throws -> (queries: Tensor, keys: Tensor) {
    // Of a large number, the logarithm needs more digits than the number has.
    let dtype: DType = [.float64, .float32].contains(query.dtype) ? .float64 : .float32
    var queries = try logarithms(query.to(dtype))
    // An offset of all features of a query cancels, and a large one would cost keys their digits.
    queries = try queries - queries.detached().maximum(-1, keep: true)
    return (queries, try logarithms(key.to(dtype)))
  }

  /// ln φ(x) of each channel: x up to 0, ln(1 + x) above.
  private func logarithms(_ tokens: Tensor) throws -> Tensor {
    try tokens.clamp(nil, 0) + (tokens.relu() + 1).log()
  }
}

// MARK: Contract

extension LinearAttention {
  var isCausal: Bool { config.causal }

  /// Convex weights that depend on each pair alone, not on its position.
  public static func claims(for config: LinearAttentionConfig) -> Claims {
    var claims = Claims()
    claims.causal = config.causal ? .always : .option
    claims.masks = [.keyPadding]
    claims.queryEquivariant = !config.causal
    claims.keyValueInvariant = !config.causal
    claims.linearInValue = true
    claims.rowsSumToOne = true
    claims.convexHull = true
    claims.pattern = .full
    claims.crossLength = !config.causal
    claims.incremental = config.causal
    claims.valueWidth = .free
    claims.nanIsolation = [.masked, .batchRow]
    if config.causal { claims.thresholds = FeatureSums.longerChunks }
    claims.dropout = .output(key: "dropout")
    claims.memoryExponent = 1
    claims.definition = Definition("linear", options: ["causal": .bool(config.causal)])
    return claims
  }
}
