internal import JSON
public import Torch

/// The options of a layer normalization.
public struct LayerNormConfig: PartConfig {
  /// The width of a token, in channels.
  public var dimModel: Int
  /// What is added to the variance.
  public var eps = 1e-5

  /// Eight channels.
  public static let sample = Self(dimModel: 8)
  /// The width has no default.
  public static let required = ["dim_model"]
  /// The width is the model's; other offsets of the variance.
  public static let domain: [String: OptionDomain] = [
    "dim_model": .equal(.modelWidth), "eps": .values([1e-5, 1e-6, 0.01]),
  ]

  /// Checks the width and the offset.
  public func validate() throws {
    try require(size: dimModel, "dim_model")
    try require(epsilon: eps)
  }
}

// @register(normalization, "layernorm", LayerNormConfig)
/// Gives the channels of each token mean 0 and variance 1, then a learnt scale and offset.
///
/// [Ba et al., 2016](https://arxiv.org/abs/1607.06450): (x − μ) / √(σ² + ε) ⊙ weight + bias, σ² the
/// mean of (x − μ)². Squares that leave the range of the type do no harm.
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`.
/// - Complexity: O(S·E).
public final class LayerNorm: Module, Normalization {
  /// The options.
  public let config: LayerNormConfig
  /// The scale of each channel, `[E]`.
  public let weight: Parameter
  /// The offset of each channel, `[E]`.
  public let bias: Parameter

  /// Begins with scales of 1 and offsets of 0.
  public init(_ config: LayerNormConfig, generator: Generator) throws {
    self.config = config
    weight = try Parameter(Tensor.ones([config.dimModel]))
    bias = try Parameter(Tensor.zeros([config.dimModel]))
    super.init(["weight": weight, "bias": bias])
  }

  /// Normalizes each token.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try checkTokens(x, "x", width: config.dimModel)
    let (rows, inverse) = try usual(x)
    // Where squares overflow, the deviation is infinite or not a number.
    guard try !inverse.isPositive else { return rows }
    let lost = try .!(inverse.detached() .> 0)
    let scaled = try x.scaledRows(epsilon: config.eps, centred: true)
    return try lost.select(
      (scaled * weight.value + bias.value).to(x.dtype), else: usual(x.filled(0, where: lost)).rows)
  }

  private func usual(_ x: Tensor) throws -> (rows: Tensor, inverse: Tensor) {
    // Of two channels only the order counts, unlike of more, but the kernel loses digits beside a
    // large mean; a shift of the row changes nothing else.
    let x = try x.size(-1) > 2 ? x : x - x.detached().slice(-1, 0..<1)
    return try x.layerNormalized(weight.value, bias: bias.value, epsilon: config.eps)
  }
}

// MARK: Contract

extension LayerNorm {
  /// Each token is computed on its own.
  public static func claims(for config: LayerNormConfig) -> Claims {
    var claims = Claims.ofEachToken
    claims.parameters["weight"] = ParameterClaim([config.dimModel], .one)
    claims.parameters["bias"] = ParameterClaim([config.dimModel], .zero)
    claims.definition = Definition(
      "layernorm", options: ["eps": .number(config.eps)],
      parameters: ["weight": "weight", "bias": "bias"])
    return claims
  }

  /// Tokens in, tokens out.
  public var signature: Signature { .tokens(width: config.dimModel) }
}
