public import Torch

/// The options of a Fourier mixing.
public struct FourierMixConfig: PartConfig {
  /// The share of outputs dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// No dropout.
  public static let sample = Self()

  /// Checks the share.
  public func validate() throws { try require(dropout: dropout) }
}

// @register(attention, "fourier_mix", FourierMixConfig)
/// Mixes tokens and channels by a discrete Fourier transform and keeps the real part.
///
/// [Lee-Thorp et al., 2021](https://arxiv.org/abs/2105.03824), FNet: one transform over all tokens and
/// all channels, not normalised. The original zoo's dispatch splits heads for it and projects the
/// output; here it is the whole of a dispatch, as in the paper. Keys and values are ignored.
///
/// - Shapes: query, key, value `[B, S, E]` → `[B, S, E]`.
/// - Masks: none. Not causal: every output depends on every token.
/// - Complexity: O(S·E·log(S·E)) time, O(S·E) memory.
public final class FourierMix: Module, Attention {
  /// The options.
  public let config: FourierMixConfig
  private let dropout: Dropout

  /// Makes the mixing; it has no parameters.
  public init(_ config: FourierMixConfig, generator: Generator) throws {
    self.config = config
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["dropout": dropout])
  }

  /// Mixes the query.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    try masks.check(lengths, dtype: query.dtype, claims: claims)
    return try dropout(query.realFourierTransform2D())
  }
}

// MARK: Contract

extension FourierMix {
  /// The output does not depend on keys and values.
  public static func claims(for config: FourierMixConfig) -> Claims {
    var claims = Claims.queryAlone
    claims.dropout = .output(key: "dropout")
    claims.definition = Definition("fourier_mix")
    return claims
  }

  /// The dispatch of the original transforms each head separately.
  public func dispatchReference(for inputs: [String: Tensor]) -> ReferenceClaim {
    .deviates(reason: "one transform over all channels, not one a head and a projection of them")
  }
}
