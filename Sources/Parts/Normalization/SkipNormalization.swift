public import Torch

/// The options of a normalization that is skipped.
public struct SkipNormalizationConfig: PartConfig {
  /// The width of a token, in channels.
  public var dimModel: Int

  /// Eight channels.
  public static let sample = Self(dimModel: 8)
  /// The width has no default.
  public static let required = ["dim_model"]
  /// The width is the model's.
  public static let domain: [String: OptionDomain] = ["dim_model": .equal(.modelWidth)]

  /// Checks the width.
  public func validate() throws { try require(size: dimModel, "dim_model") }
}

// @register(normalization, "skip", SkipNormalizationConfig)
/// Returns each token as it is.
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`, a copy.
/// - Complexity: O(S·E).
public final class SkipNormalization: Module, Normalization {
  /// The options.
  public let config: SkipNormalizationConfig

  /// Makes the normalization; it has no parameters.
  public init(_ config: SkipNormalizationConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }

  /// Copies the tokens.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try checkTokens(x, "x", width: config.dimModel)
    return try x.clone()
  }
}

// MARK: Contract

extension SkipNormalization {
  /// Each token is computed on its own.
  public static func claims(for config: SkipNormalizationConfig) -> Claims {
    var claims = Claims.ofEachToken
    claims.definition = Definition("identity")
    return claims
  }

  /// Tokens in, tokens out.
  public var signature: Signature { .tokens(width: config.dimModel) }
}
