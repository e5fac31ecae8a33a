internal import JSON
public import Torch

/// The options of a normalization by the root mean square.
public struct RMSNormConfig: PartConfig {
  /// The width of a token, in channels.
  public var dimModel: Int
  /// What is added to the mean square.
  public var eps = 1e-6

  /// Eight channels.
  public static let sample = Self(dimModel: 8)
  /// The width has no default.
  public static let required = ["dim_model"]
  /// The width is the model's; other offsets of the mean square.
  public static let domain: [String: OptionDomain] = [
    "dim_model": .equal(.modelWidth), "eps": .values([1e-6, 1e-8, 0.01]),
  ]

  /// Checks the width and the offset.
  public func validate() throws {
    try require(size: dimModel, "dim_model")
    try require(epsilon: eps)
  }
}

// @register(normalization, "rmsnorm", RMSNormConfig)
/// Divides the channels of each token by their root mean square, then applies a learnt scale.
///
/// [Zhang and Sennrich, 2019](https://arxiv.org/abs/1910.07467): x / √(mean of x² + ε) ⊙ weight. It
/// is not in the original zoo. Half precision is computed in single precision and rounded once, after
/// the scale; squares that leave the range of the type do no harm.
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`.
/// - Complexity: O(S·E).
public final class RMSNorm: Module, Normalization {
  /// The options.
  public let config: RMSNormConfig
  /// The scale of each channel, `[E]`.
  public let weight: Parameter

  /// Begins with scales of 1.
  public init(_ config: RMSNormConfig, generator: Generator) throws {
    self.config = config
    weight = try Parameter(Tensor.ones([config.dimModel]))
    super.init(["weight": weight])
  }

  /// Normalizes each token.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try checkTokens(x, "x", width: config.dimModel)
    let wide = try x.widened()
    var (rows, square) = try usual(wide)
    let lost = try .!square.isFinite()
    if try lost.anyTrue() {
      let scaled = try x.scaledRows(epsilon: config.eps, centred: false)
      rows = try lost.select(scaled, else: usual(wide.filled(0, where: lost)).rows)
    }
    return try (rows * weight.value).to(x.dtype)
  }

  private func usual(_ x: Tensor) throws -> (rows: Tensor, square: Tensor) {
    let square = try (x * x).mean(-1, keep: true)
    return (try x / (square + config.eps).sqrt(), square)
  }
}

// MARK: Contract

extension RMSNorm {
  /// Each token is computed on its own.
  public static func claims(for config: RMSNormConfig) -> Claims {
    var claims = Claims.ofEachToken
    claims.parameters["weight"] = ParameterClaim([config.dimModel], .one)
    claims.definition = Definition(
      "rmsnorm", options: ["eps": .number(config.eps)], parameters: ["weight": "weight"])
    return claims
  }

  /// Tokens in, tokens out.
  public var signature: Signature { .tokens(width: config.dimModel) }
}
