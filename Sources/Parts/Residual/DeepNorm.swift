internal import Foundation
public import JSON
internal import Torch

/// The weights of residuals and the gains of initial values in a model of so many layers.
///
/// [Wang et al., 2022](https://arxiv.org/abs/2203.00555), table 1.
public struct DeepNormCoefficients: Sendable, Equatable {
  /// What multiplies the input of each residual.
  public let alpha: Double
  /// The gain of values, output projections and feedforwards.
  public let beta: Double

  /// The coefficients of the encoder of a model with N encoder and M decoder layers.
  ///
  /// - `encoders`: N, at least 1.
  public static func encoder(encoders: Int, decoders: Int) -> Self {
    let (n, m) = (Double(encoders), Double(decoders))
    if decoders == 0 { return Self(alpha: pow(2 * n, 0.25), beta: pow(8 * n, -0.25)) }
    let layers = n * n * n * n * m
    return Self(alpha: 0.81 * pow(layers, 1 / 16), beta: 0.87 * pow(layers, -1 / 16))
  }

  /// The coefficients of the decoder of a model with N encoder and M decoder layers.
  ///
  /// - `decoders`: M, at least 1.
  public static func decoder(encoders: Int, decoders: Int) -> Self {
    let m = Double(decoders)
    let (weight, gain) = encoders == 0 ? (2.0, 8.0) : (3.0, 12.0)
    return Self(alpha: pow(weight * m, 0.25), beta: pow(gain * m, -0.25))
  }
}

/// The options of a residual that weighs its input by the depth of a model.
public struct DeepNormConfig: ResidualOptions {
  /// The part of a model that the residual belongs to.
  public enum BlockType: String, Codable, Sendable, CaseIterable {
    /// The layers that read the source.
    case encoder
    /// The layers that write the target.
    case decoder
  }

  /// The width of a token, E, in channels.
  public var dNorm: Int
  /// The number of encoder layers of the model.
  public var encoderLayers = 0
  /// The number of decoder layers of the model.
  public var decoderLayers = 0
  /// Where the residual is; if null, in the encoder if there is one.
  public var blockType: BlockType?
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

  /// Eight channels in an encoder of two layers.
  public static let sample = {
    var config = Self(dNorm: 8)
    config.encoderLayers = 2
    return config
  }()
  /// The width has no default, nor has the number of layers of the model.
  public static let required = ["d_norm", "encoder_layers"]
  /// Models of encoders, of decoders and of both.
  public static let domain = ResidualConfig.domain.merging([
    "encoder_layers": .values([2, 1, 6]), "decoder_layers": .values([0, 3]),
    "block_type": .values([nil, "encoder", "decoder"]),
  ]) { $1 }
  /// The style is the part's name.
  public static let inert = ResidualConfig.inert

  /// Around a linear layer; the layers of the model are still to be counted.
  public init(dNorm: Int) { self.dNorm = dNorm }

  /// α and β.
  var coefficients: DeepNormCoefficients {
    let isEncoder = blockType.map { $0 == .encoder } ?? (encoderLayers > 0)
    return isEncoder
      ? .encoder(encoders: encoderLayers, decoders: decoderLayers)
      : .decoder(encoders: encoderLayers, decoders: decoderLayers)
  }

  /// Checks what all styles have, and that there are layers where the residual is.
  public func validate() throws {
    try requireResidual()
    let isEncoder = blockType.map { $0 == .encoder } ?? (encoderLayers > 0)
    for (key, count, isOwn) in [
      ("encoder_layers", encoderLayers, isEncoder), ("decoder_layers", decoderLayers, !isEncoder),
    ] {
      let least = isOwn ? 1 : 0
      try require(
        count >= least && count <= 1 << 20, key, "a whole number from \(least) to \(1 << 20)",
        got: count)
    }
  }
}

// @register(residual, "deepnorm", DeepNormConfig)
/// Weighs tokens before it normalizes their sum with what a sublayer makes of them: LN(α·x + f(x)).
///
/// [Wang et al., 2022](https://arxiv.org/abs/2203.00555): α grows with the number of layers, see
/// ``DeepNormCoefficients``. Unlike in the original zoo, a model of encoders and decoders has the α of
/// both, not those of a model of encoders or decoders alone.
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`.
/// - Complexity: that of the sublayer.
public final class DeepNorm: ResidualStyle<DeepNormConfig> {
  override class var name: String { "deepnorm" }
  override class func weight(_ config: DeepNormConfig) -> Double { config.coefficients.alpha }
  /// β.
  public override var initialGain: Double { config.coefficients.beta }
  override class func depth(_ config: DeepNormConfig) -> JSONObject {
    [
      "encoder_layers": .integer(config.encoderLayers),
      "decoder_layers": .integer(config.decoderLayers),
      "block_type": config.blockType.map { .string($0.rawValue) } ?? .null,
    ]
  }
}
