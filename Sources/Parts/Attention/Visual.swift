public import Torch

/// The options of a visual attention.
public struct VisualAttentionConfig: PartConfig {
  /// The width of a token, E, in channels.
  public var dimModel: Int
  /// The share of channels dropped before the last projection while training, 0 ... 1.
  public var dropout = 0.0

  /// Eight channels.
  public static let sample = Self(dimModel: 8)
  /// The width has no default.
  public static let required = ["dim_model"]
  /// The width is the model's.
  public static let domain: [String: OptionDomain] = ["dim_model": .equal(.modelWidth)]

  /// Checks the width and the share.
  public func validate() throws {
    try require(size: dimModel, "dim_model")
    try require(dropout: dropout)
  }
}

// @register(attention, "visual", VisualAttentionConfig)
/// Convolutions with a large kernel that gate their own input, on a grid of tokens.
///
/// [Guo et al., 2022](https://arxiv.org/abs/2202.09741), VAN: x + conv(LKA(GELU(conv(x)))) with
/// LKA(u) = u ⊙ conv(wide(near(u))), conv 1 × 1, near 5 × 5 and wide 7 × 7 with dilation 3, both
/// depthwise: a token sees 23 × 23 cells. The shortcut is part of the reference, so a
/// residual wrapper adds x a second time. Unlike in the original zoo `dropout` acts, before the last
/// convolution. Keys and values are ignored.
///
/// - Shapes: query, key, value `[B, L, E]`, L a square → `[B, L, E]`.
/// - Masks: none. Not causal: the kernels reach forward.
/// - Complexity: O(L·E²) time, O(L·E) memory.
public final class VisualAttention: Module, Attention {
  /// The options.
  public let config: VisualAttentionConfig
  /// The first convolution, 1 × 1.
  public let input: Convolution
  /// The last convolution, 1 × 1.
  public let output: Convolution
  private let gate: LargeKernelGate
  private let dropout: Dropout

  /// Draws the kernels as torch does.
  public init(_ config: VisualAttentionConfig, generator: Generator) throws {
    self.config = config
    let width = config.dimModel
    input = try Convolution(width, width, generator: generator)
    gate = try LargeKernelGate(width, generator: generator)
    output = try Convolution(width, width, generator: generator)
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["block.0": input, "block.2": gate, "block.3": output, "dropout": dropout])
  }

  /// Mixes the query.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    try checkTokens(query, "q", width: config.dimModel)
    try masks.check(lengths, dtype: query.dtype, claims: claims)
    let gated = try gate(input(query.tokenGrid()).gelu())
    return try query + output(dropout(gated)).gridTokens()
  }
}

/// A large kernel that gates its input: u ⊙ conv1(conv_spatial(conv0(u))).
private final class LargeKernelGate: Module {
  private let near: Convolution
  private let wide: Convolution
  private let mix: Convolution

  init(_ width: Int, generator: Generator) throws {
    near = try Convolution(width, width, width: 5, groups: width, generator: generator)
    wide = try Convolution(width, width, width: 7, dilation: 3, groups: width, generator: generator)
    mix = try Convolution(width, width, generator: generator)
    super.init(["conv0": near, "conv_spatial": wide, "conv1": mix])
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor { try x * mix(wide(near(x))) }
}

// MARK: Contract

extension VisualAttention {
  /// The output does not depend on keys and values.
  public static func claims(for config: VisualAttentionConfig) -> Claims {
    var claims = Claims.queryAlone
    claims.sequence = .squared
    let width = config.dimModel
    for key in ["block.0", "block.2.conv1", "block.3"] {
      claims.parameters.addConvolution(key, width, width)
    }
    claims.parameters.addConvolution("block.2.conv0", 1, width, taps: 5)
    claims.parameters.addConvolution("block.2.conv_spatial", 1, width, taps: 7)
    claims.dropout = .inside(key: "dropout")
    let layers = [
      "input": "block.0", "near": "block.2.conv0", "wide": "block.2.conv_spatial",
      "gate": "block.2.conv1", "output": "block.3",
    ]
    var parameters: [String: String] = [:]
    for (role, key) in layers {
      parameters["\(role)_weight"] = "\(key).weight"
      parameters["\(role)_bias"] = "\(key).bias"
    }
    claims.definition = Definition("visual", parameters: parameters)
    return claims
  }

  /// Query, key and value of the width of the model.
  public var signature: Signature {
    let tokens: [Signature.Axis] = ["B", "S", "E"]
    return Signature(
      ["q", "k", "v"].map { .init($0, tokens) }, output: tokens, fixed: ["E": config.dimModel])
  }
}
