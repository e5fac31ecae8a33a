public import JSON
internal import Torch

/// The options of a stack of equal layers.
///
/// The keys are those of the original's factory; `final_norm`, `layer_scale` and
/// `stochastic_depth` are additions.
public struct StackConfig: PartConfig {
  /// Whether the layers read the source or write the target.
  public var blockType: DeepNormConfig.BlockType
  /// The width of a token, E, in channels.
  public var dimModel: Int
  /// The number of layers.
  public var numLayers = 1
  /// The name of the residual style.
  public var residualNormStyle = "post"
  /// The name of the normalization, or its options with its `name`.
  public var normalization: JSON = "layernorm"
  /// The options of the position embedding, with its `name`; used in the first layer of all.
  public var positionEncodingConfig: JSON?
  /// The options of the feedforward, with its `name`.
  public var feedforwardConfig: JSON
  /// The options of the attention of an encoder.
  public var multiHeadConfig: JSON?
  /// The options of the attention of a decoder to its own tokens.
  public var multiHeadConfigMasked: JSON?
  /// The options of the attention of a decoder to the memory.
  public var multiHeadConfigCross: JSON?
  /// The options of the patch embedding in front of the stack.
  public var patchEmbeddingConfig: JSON?
  /// The options of the simplicial embedding after the last layer of an encoder.
  public var simplicialEmbeddings: JSON?
  /// Whether activations are computed again for gradients instead of kept; in an encoder.
  public var reversible = false
  /// Accepted for configurations of the original; there is one implementation.
  public var useTriton = true
  /// The initial value of what multiplies each channel of every sublayer's output; if null, nothing
  /// does. Beyond the original.
  public var layerScale: Double?
  /// The rate at which training leaves out the sublayers of the last layer of all, for whole items of
  /// a batch; earlier layers have smaller rates, see ``StochasticDepth``. Beyond the original.
  public var stochasticDepth = 0.0
  /// Whether tokens are normalized after the last layer of all; if null, where the residual style
  /// leaves them as they are.
  public var finalNorm: Bool?

  /// An encoder of eight channels.
  public static let sample = Self(
    blockType: .encoder, dimModel: 8, feedforwardConfig: ["name": "MLP"])
  /// The kind, the width and the feedforward have no default.
  public static let required = ["block_type", "dim_model", "feedforward_config"]
  /// There is one implementation.
  public static let inert: Set = ["use_triton"]

  /// Checks sizes, and that the options are those of the kind of stack.
  public func validate() throws {
    try require(size: dimModel, "dim_model")
    try require(
      numLayers >= 1 && numLayers <= Self.mostLayers, "num_layers",
      "a whole number from 1 to \(Self.mostLayers)", got: numLayers)
    try require(dropout: layerScale ?? 0, key: "layer_scale")
    try require(dropout: stochasticDepth, key: "stochastic_depth")
    let isEncoder = blockType == .encoder
    for (key, value, isOfEncoder) in [
      ("multi_head_config", multiHeadConfig, true),
      ("multi_head_config_masked", multiHeadConfigMasked, false),
      ("multi_head_config_cross", multiHeadConfigCross, false),
    ] {
      if isEncoder == isOfEncoder, value == nil { throw PartError(.missingKey(key: key)) }
      try require(
        isEncoder == isOfEncoder || value == nil, key, "nothing in a stack of type \(blockType)",
        got: value?.description ?? "null")
    }
    for (key, isAsked) in [
      ("reversible", reversible), ("simplicial_embeddings", simplicialEmbeddings != nil),
    ] {
      try require(isEncoder || !isAsked, key, "nothing in a decoder", got: "a value")
    }
    for (key, isAsked) in [
      ("layer_scale", layerScale != nil), ("stochastic_depth", stochasticDepth > 0),
    ] {
      try require(
        !reversible || !isAsked, key, "nothing in a reversible encoder, which has no residuals",
        got: "a value")
    }
  }

  /// The largest number of layers of a stack.
  static let mostLayers = 1 << 16
}
