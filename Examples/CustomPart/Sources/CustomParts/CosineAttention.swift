public import Parts
public import Torch

/// The options of a cosine attention.
public struct CosineAttentionConfig: PartConfig {
  /// The factor on cosines before the softmax.
  public var sharpness = 4.0
  /// The share of attention weights dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// A moderate sharpness.
  public static let sample = Self()
  /// The values that property tests try.
  public static let domain: [String: OptionDomain] = ["sharpness": .values([4.0, 0.5, 10.0])]

  /// Checks the ranges.
  public func validate() throws {
    try require(dropout: dropout)
    try require(sharpness > 0, "sharpness", "a number above 0", got: sharpness)
  }
}

// @register(attention, "cosine", CosineAttentionConfig)
/// Softmax attention over the cosines between queries and keys.
///
/// As in [Henry et al., 2020](https://arxiv.org/abs/2010.04245), with a fixed sharpness.
///
/// - Shapes: query `[N, S, D]`, key `[N, T, D]`, value `[N, T, V]` → `[N, S, V]`.
/// - Masks: Boolean and additive of every shape.
/// - Complexity: O(S·T·D) time, O(S·T) memory.
public final class CosineAttention: Module, Attention {
  /// The options.
  public let config: CosineAttentionConfig
  private let dropout: Dropout

  /// Makes the attention; it has no parameters.
  public init(_ config: CosineAttentionConfig, generator: Generator) throws {
    self.config = config
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["attn_drop": dropout])
  }

  /// The claims that the laws check.
  public static func claims(for config: CosineAttentionConfig) -> Claims {
    var claims = Claims()
    claims.masks = [.boolean2D, .boolean3D, .additive]
    claims.queryEquivariant = true
    claims.keyValueInvariant = true
    claims.linearInValue = true
    claims.rowsSumToOne = true
    claims.convexHull = true
    claims.crossLength = true
    claims.valueWidth = .free
    claims.nanIsolation = [.batchRow]
    claims.dropout = .weights(key: "dropout")
    claims.pattern = .full
    claims.definition = Definition(
      "cosine", options: ["sharpness": .number(config.sharpness)])
    return claims
  }

  /// Attends.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    let mask = try masks.resolved(lengths, dtype: query.dtype, claims: claims)
    // Softmax attention divides by √D; unit vectors times √(sharpness·√D) undo it.
    let factor = (config.sharpness * Double(lengths.width).squareRoot()).squareRoot()
    return try softmaxAttention(
      unit(query) * factor, unit(key) * factor, value, mask: mask,
      dropout: config.dropout > 0 ? dropout : nil)
  }

  /// The rows scaled to length 1; rows of zeros are unchanged.
  ///
  /// Squares of small numbers underflow in half precision, so it computes in single precision.
  private func unit(_ x: Tensor) throws -> Tensor {
    let wide = x.dtype == .float64 ? x : try x.to(.float32)
    let square = try (wide * wide).sum(-1, keep: true)
    return try (wide / square.filled(1, where: square.equals(0)).sqrt()).to(x.dtype)
  }
}
