internal import JSON
public import Torch

/// The options of a linear bias.
public struct AlibiBiasConfig: PartConfig {
  /// The number of heads, H.
  public var numHeads: Int
  /// Whether later keys get a bias by their distance, too; otherwise they get 0, and the attention has
  /// to hide them.
  public var bidirectional = true

  /// Two heads.
  public static let sample = Self(numHeads: 2)
  /// The number of heads has no default.
  public static let required = ["num_heads"]

  /// Checks the number of heads.
  public func validate() throws { _ = try Alibi.slopes(heads: numHeads) }
}

// @register(attention_bias, "alibi", AlibiBiasConfig)
/// Lowers each logit by the distance of query and key, times a slope of the head.
///
/// [Press et al., 2021](https://arxiv.org/abs/2108.12409): −slope·|i − j|, with ``Alibi/slopes(heads:)``.
/// The original zoo has the slopes, but not this part.
///
/// - Shapes: logits `[B, H, S, T]` → the same.
/// - Complexity: O(H·S·T).
public final class AlibiBias: Module, AttentionBias {
  /// The options.
  public let config: AlibiBiasConfig

  /// Makes the bias; it has no parameters.
  public init(_ config: AlibiBiasConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }

  /// The bias, computed in double precision and rounded once.
  public func bias(queries: Int, keys: Int, offset: Int, _ dtype: DType) throws -> Tensor {
    let distances = try distances(queries: queries, keys: keys, offset: offset)
    let lowered = try config.bidirectional ? distances.abs() * -1 : distances.clamp(nil, 0)
    let slopes = try Alibi.slopes(heads: config.numHeads)
    return try (lowered * Tensor(slopes, shape: [slopes.count, 1, 1])).to(dtype)
  }

  /// Each row of logits is computed on its own.
  public static func claims(for config: AlibiBiasConfig) -> Claims {
    var claims = Claims.ofLogits
    claims.definition = Definition(
      "alibi",
      options: [
        "num_heads": .integer(config.numHeads), "bidirectional": .bool(config.bidirectional),
      ])
    return claims
  }

  /// Logits in, logits out.
  public var signature: Signature { .logits(heads: config.numHeads) }
}
