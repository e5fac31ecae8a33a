internal import Foundation
internal import JSON
public import Torch

/// The options of a learnt bias of distances.
public struct RelativeBiasConfig: PartConfig {
  /// The number of heads, H.
  public var numHeads: Int
  /// The number of buckets, for both directions together.
  public var numBuckets = 32
  /// The distance from which all distances share a bucket, in tokens.
  public var maxDistance = 128
  /// Whether half the buckets are for later keys; otherwise those share the bucket of the query's own
  /// position, and the attention has to hide them.
  public var bidirectional = true

  /// Two heads.
  public static let sample = Self(numHeads: 2)
  /// The number of heads has no default.
  public static let required = ["num_heads"]
  /// Buckets that a short call fills, and that it does not.
  public static let domain: [String: OptionDomain] = [
    "num_buckets": .values([32, 8]), "max_distance": .values([128, 17]),
  ]

  /// Checks the sizes, and that there are buckets for one distance and for several.
  public func validate() throws {
    try require(size: numHeads, "num_heads")
    try require(size: numBuckets, "num_buckets")
    try require(size: maxDistance, "max_distance")
    let step = bidirectional ? 4 : 2
    try require(
      numBuckets % step == 0 && numBuckets <= 1 << 16, "num_buckets",
      "a multiple of \(step) up to \(1 << 16)", got: numBuckets)
    try require(
      maxDistance > exact, "max_distance", "above \(exact), the distances with their own buckets",
      got: maxDistance)
  }

  /// The number of buckets for one direction.
  private var count: Int { bidirectional ? numBuckets / 2 : numBuckets }
  /// The number of distances with a bucket of their own.
  private var exact: Int { count / 2 }

  /// The bucket of a distance j − i.
  func bucket(_ distance: Int) -> Int {
    let first = bidirectional && distance > 0 ? count : 0
    let length = bidirectional ? abs(distance) : max(-distance, 0)
    guard length >= exact else { return first + length }
    let octaves = log(Double(length) / Double(exact)) / log(Double(maxDistance) / Double(exact))
    // A distance at which a bucket begins must not fall short of it by rounding.
    let more = (octaves * Double(count - exact) + 1e-9).rounded(.down)
    return first + exact + min(Int(more), count - exact - 1)
  }
}

// @register(attention_bias, "t5_relative", RelativeBiasConfig)
/// Adds a learnt number for the distance of query and key, of which far ones share buckets.
///
/// [Raffel et al., 2019](https://arxiv.org/abs/1910.10683). Half the buckets of a direction hold one
/// distance each; the others grow geometrically up to `max_distance`. The original zoo has no such part;
/// keys and parameters are those of T5.
///
/// - Shapes: logits `[B, H, S, T]` → the same.
/// - Complexity: O(H·S·T).
public final class RelativeBias: Module, AttentionBias {
  /// The options.
  public let config: RelativeBiasConfig
  /// The number of each bucket and head, `[buckets, H]`.
  public let weight: Parameter

  /// Draws numbers from the normal distribution with standard deviation 0.02.
  public init(_ config: RelativeBiasConfig, generator: Generator) throws {
    self.config = config
    weight = try Parameter(
      Tensor.normal([config.numBuckets, config.numHeads], generator: generator) * 0.02)
    super.init(["relative_attention_bias.weight": weight])
  }

  /// The number of the bucket of each distance.
  public func bias(queries: Int, keys: Int, offset: Int, _ dtype: DType) throws -> Tensor {
    let distances = try distances(queries: queries, keys: keys, offset: offset)
    let least = 1 - queries - offset
    let buckets = (least..<keys).map(config.bucket)
    let rows = try weight.value.picked(0, buckets)
    let places = try (distances - Double(least)).to(.int64)
    // [S, T, H] → [H, S, T]
    return try rows.embedding(places).transposed(0, 2).transposed(1, 2).to(dtype)
  }

  /// Each row of logits is computed on its own.
  public static func claims(for config: RelativeBiasConfig) -> Claims {
    var claims = Claims.ofLogits
    let key = "relative_attention_bias.weight"
    claims.parameters[key] = ParameterClaim(
      [config.numBuckets, config.numHeads], .normal(deviation: 0.02))
    claims.definition = Definition(
      "t5_relative",
      options: [
        "num_heads": .integer(config.numHeads), "num_buckets": .integer(config.numBuckets),
        "max_distance": .integer(config.maxDistance), "bidirectional": .bool(config.bidirectional),
      ], parameters: ["weight": key])
    return claims
  }

  /// Logits in, logits out.
  public var signature: Signature { .logits(heads: config.numHeads) }
}
