internal import Foundation
internal import JSON
public import Torch

/// The options of a sine position embedding.
public struct PositionEmbeddingConfig: PartConfig {
  /// The width of a token, in channels.
  public var dimModel: Int
  /// Accepted for configurations of the original; here the length is not limited.
  public var seqLen: Int?

  /// Eight channels.
  public static let sample = Self(dimModel: 8)
  /// The width has no default.
  public static let required = ["dim_model"]
  /// Odd and even widths; the length has no effect.
  public static let domain: [String: OptionDomain] = [
    "dim_model": .equal(.modelWidth), "seq_len": .values([nil, 3, 24]),
  ]
  /// No length is too long.
  public static let inert: Set = ["seq_len"]

  /// Checks the width.
  public func validate() throws {
    try require(size: dimModel, "dim_model")
    try require(size: seqLen ?? 1, "seq_len")
  }
}

// @register(position_embedding, "sine", PositionEmbeddingConfig)
/// Adds sines and cosines of the position, in wavelengths from 2π to 20000π.
///
/// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762): channel 2i holds
/// sin(p·10000^(−2i/E)), channel 2i + 1 the cosine. Unlike the original zoo, angles are computed in
/// double precision and the output has the type of the input.
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`; features `[B, S]` are repeated for every channel.
/// - Complexity: O(S·E).
public final class SinePositionEmbedding: Module, OffsetEmbedding {
  /// The options.
  public let config: PositionEmbeddingConfig

  /// Makes the embedding; it has no parameters.
  public init(_ config: PositionEmbeddingConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }

  /// Adds the table.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    let features = try features(x, "x", width: config.dimModel)
    return try features + table(Tensor.range(features.size(1)), features.dtype)
  }

  /// Adds the rows of the table for these positions.
  public func callAsFunction(_ x: Tensor, offsets: [Int], real: Tensor?) throws -> Tensor {
    guard let positions = try positions(x, offsets, real: real) else { return try nothing(x) }
    let features = try features(x, "x", width: config.dimModel)
    return try features + table(positions, features.dtype)
  }

  /// The rows for positions `[…, S]`, `[…, S, E]`.
  private func table(_ positions: Tensor, _ dtype: DType) throws -> Tensor {
    let width = config.dimModel
    let pair = try Tensor((0..<width).map { Double($0 / 2) }, shape: [width])
    let frequencies = try (pair * (-2 * log(10000.0) / Double(width))).exp()
    let angles = try positions.to(.float64).unsqueezed(-1) * frequencies
    let isEven = try Tensor((0..<width).map { $0 % 2 == 0 }, shape: [width])
    return try isEven.select(angles.sin(), else: angles.cos()).to(dtype)
  }
}

// MARK: Contract

extension SinePositionEmbedding {
  /// Each token is computed on its own.
  public static func claims(for config: PositionEmbeddingConfig) -> Claims {
    var claims = Claims()
    claims.tokenWise = true
    claims.nanIsolation = [.batchRow, .token]
    claims.memoryExponent = 1
    claims.incremental = true
    claims.definition = Definition("sine", options: ["dim_model": .integer(config.dimModel)])
    return claims
  }

  /// Features in, features out.
  public var signature: Signature {
    Signature(
      [.init("x", ["B", "S", "E"], alternatives: [["B", "S"]])], output: ["B", "S", "E"],
      fixed: ["E": config.dimModel])
  }
}
