internal import Foundation
internal import JSON
public import Torch

/// The options of a rotary position embedding.
public struct RotaryEmbeddingConfig: PartConfig {
  /// The width of a head, in channels; even.
  public var dimModel: Int
  /// The base of the wavelengths.
  public var base = 10000.0
  /// The position of the first token.
  public var offset = 0

  /// Eight channels from position 0.
  public static let sample = Self(dimModel: 8)
  /// The width has no default.
  public static let required = ["dim_model"]
  /// Widths of heads, other bases and offsets.
  public static let domain: [String: OptionDomain] = [
    "dim_model": .equal(.headWidth), "base": .values([10000, 500]),
    // Half precision cannot represent the last.
    "offset": .values([0, 3, 4099]),
  ]

  /// Checks the parity of the width and the ranges.
  public func validate() throws {
    try require(size: dimModel, "dim_model")
    try require(
      dimModel >= 2 && dimModel % 2 == 0, "dim_model", "an even number from 2", got: dimModel)
    try require(base > 0 && base.isFinite, "base", "a number above 0", got: base)
    try require(offset >= 0, "offset", "at least 0", got: offset)
  }
}

// @register(position_embedding, "rotary", RotaryEmbeddingConfig)
/// Turns pairs of channels of queries and keys by angles that grow with the position.
///
/// [Su et al., 2021](https://arxiv.org/abs/2104.09864), with the pairs (c, c + D/2), "rotate half",
/// as in the original zoo. Unlike there, angles are computed in double precision, and lengths may
/// differ; a loaded `inv_freq` is checked but not used. The registered name, `base` and `offset`,
/// which shifts all positions, are additions.
///
/// - Shapes: query `[…, S, D]`, key `[…, T, D]` → the same; by name, S = T, both stacked.
/// - Complexity: O(S·D).
public final class RotaryEmbedding: Module, PositionEmbedding {
  /// The options.
  public let config: RotaryEmbeddingConfig
  /// The angles for each position, in radians, `[D/2]`.
  public let frequencies: Buffer

  /// Makes the embedding; it has no parameters.
  public init(_ config: RotaryEmbeddingConfig, generator: Generator) throws {
    self.config = config
    frequencies = try Buffer(
      Self.angularFrequencies(config).to(.float32), isConstant: true)
    super.init(["inv_freq": frequencies])
  }

  /// Turns queries and keys, each from the first position on.
  ///
  /// Shapes: query `[…, S, D]`, key `[…, T, D]` → the same.
  public func callAsFunction(_ query: Tensor, _ key: Tensor) throws -> (query: Tensor, key: Tensor)
  {
    guard query.dtype == key.dtype else {
      throw error(
        .dtype(tensor: "k", expected: "\(query.dtype), the type of q", got: key.dtype.rawValue))
    }
    return (try turn(query, "q"), try turn(key, "k"))
  }

  private func turn(_ x: Tensor, _ name: String) throws -> Tensor {
    try check(x, name)
    let (cosine, sine) = try angles(x.size(-2), x.dtype)
    let half = config.dimModel / 2
    let (first, second) = (try x.slice(-1, 0..<half), try x.slice(-1, half..<2 * half))
    return try Tensor.cat([first * cosine - second * sine, second * cosine + first * sine], -1)
  }

  /// Cosines and sines, `[S, D/2]`, computed in double precision and rounded once.
  private func angles(_ length: Int, _ dtype: DType) throws -> (Tensor, Tensor) {
    let positions = try Tensor.range(length, .float64) + Double(config.offset)
    let angles = try positions.unsqueezed(1) * Self.angularFrequencies(config)
    return (try angles.cos().to(dtype), try angles.sin().to(dtype))
  }

  /// base^(−2c/D) for each pair c, in double precision.
  private static func angularFrequencies(_ config: RotaryEmbeddingConfig) throws -> Tensor {
    let half = config.dimModel / 2
    let exponents = (0..<half).map { -2 * Double($0) / Double(config.dimModel) }
    return try (Tensor(exponents, shape: [half]) * log(config.base)).exp()
  }
}

// MARK: Contract

extension RotaryEmbedding {
  /// Each token is computed on its own.
  public static func claims(for config: RotaryEmbeddingConfig) -> Claims {
    var claims = Claims()
    claims.tokenWise = true
    claims.nanIsolation = [.batchRow, .token]
    claims.memoryExponent = 1
    claims.definition = Definition(
      "rotary",
      options: [
        "base": .number(config.base), "offset": .integer(config.offset),
      ])
    return claims
  }

  /// Query and key in, both stacked out.
  public var signature: Signature {
    Signature(
      [.init("q", ["B", "H", "S", "D"]), .init("k", ["B", "H", "S", "D"])],
      output: ["2", "B", "H", "S", "D"], fixed: ["D": config.dimModel, "2": 2])
  }

  /// Turns the tensors `q` and `k` and stacks the results.
  public func call(_ inputs: [String: Tensor]) throws -> Tensor {
    let named = try NamedInputs(inputs, signature)
    let (query, key) = (try named.required("q"), try named.required("k"))
    for (name, tensor) in [("q", query), ("k", key)] where tensor.rank != 4 {
      throw error(
        .shape(
          tensor: name, expected: "[B, H, S, D] with D = \(config.dimModel)", got: tensor.shape))
    }
    guard query.shape == key.shape else {
      throw error(
        .shape(
          tensor: "k", expected: "the shape of q, \(query.shape), to be stacked", got: key.shape))
    }
    let turned = try self(query, key)
    return try Tensor.stack([turned.query, turned.key], 0)
  }

  private func check(_ x: Tensor, _ name: String) throws {
    guard x.rank >= 2, x.size(-1) == config.dimModel else {
      throw error(
        .shape(tensor: name, expected: "[…, S, D] with D = \(config.dimModel)", got: x.shape))
    }
    try checkFloating(x, name)
  }
}
