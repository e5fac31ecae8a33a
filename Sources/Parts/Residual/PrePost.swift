public import JSON
internal import Torch

/// The options of a residual around a sublayer.
public struct ResidualConfig: ResidualOptions {
  /// The width of a token, E, in channels.
  public var dNorm: Int
  /// The name of the normalization, or its options with its `name`.
  public var normalization: JSON = "layernorm"
  /// The name of a feedforward, or its options with its `name`; if null, a linear layer.
  public var sublayer: JSON?
  /// The initial value of what multiplies each channel of the sublayer's output; if null, nothing does.
  /// Beyond the original.
  public var layerScale: Double?
  /// The rate at which training leaves out the sublayer, for whole items of a batch; what stays is
  /// divided by the rest. Beyond the original.
  public var stochasticDepth = 0.0
  /// The name of the style, which may also be given by this key.
  public var style: String?

  /// Eight channels.
  public static let sample = Self(dNorm: 8)
  /// The width has no default.
  public static let required = ["d_norm"]
  /// Every normalization, and sublayers with and without dropout.
  public static let domain: [String: OptionDomain] = [
    "d_norm": .equal(.modelWidth),
    "normalization": .values(["layernorm", "skip", "rmsnorm", ["name": "layernorm", "eps": 0.01]]),
    "sublayer": .values([
      nil, ["name": "SwiGLU"],
      ["name": "MLP", "hidden_layer_multiplier": 2, "activation": "gelu"],
    ]),
    "style": .fixed, "layer_scale": .values([nil, 0.1]), "stochastic_depth": .values([0.0, 0.5]),
  ]
  /// The style is the part's name.
  public static let inert: Set<String> = ["style"]

  /// Around a linear layer.
  public init(dNorm: Int) { self.dNorm = dNorm }

  /// Checks the width, the scale and the rate.
  public func validate() throws { try requireResidual() }
}

// @register(residual, "pre", ResidualConfig)
/// Adds what a sublayer makes of normalized tokens: x + f(LN x).
///
/// [Xiong et al., 2020](https://arxiv.org/abs/2002.04745). Each of several inputs is normalized alike;
/// the sum has the first as it was.
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`.
/// - Complexity: that of the sublayer.
public final class PreNorm: ResidualStyle<ResidualConfig> {
  override class var name: String { "pre" }
  /// It does.
  public override class var normalizesFirst: Bool { true }
}

// @register(residual, "post", ResidualConfig)
/// Normalizes the sum of tokens and what a sublayer makes of them: LN(x + f(x)).
///
/// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762).
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`.
/// - Complexity: that of the sublayer.
public final class PostNorm: ResidualStyle<ResidualConfig> {
  override class var name: String { "post" }
}
