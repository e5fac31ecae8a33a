internal import JSON
public import Torch

/// The options of a feedforward of convolutions.
public struct ConvMlpConfig: PartConfig {
  /// The width of a token, E, in channels.
  public var dimModel: Int
  /// The width between the layers, as a multiple of the width of a token.
  public var hiddenLayerMultiplier = 1
  /// The width of the output, in channels; if null, E.
  public var dimModelOut: Int?
  /// The function before the last layer.
  public var activation = Activation.gelu
  /// The share of outputs dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Eight channels.
  public static let sample = Self(dimModel: 8)
  /// The width has no default.
  public static let required = ["dim_model"]
  /// Every activation, and outputs of one and more channels.
  public static let domain: [String: OptionDomain] = [
    "hidden_layer_multiplier": .values([1, 2, 3]), "dim_model_out": .values([nil, 1, 7]),
    "activation": .values(Activation.allCases.map { .string($0.rawValue) }),
  ]

  /// The width between the layers, in channels.
  public var hiddenWidth: Int { dimModel * hiddenLayerMultiplier }

  /// Checks the widths and the share.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: dimModel, "dim_model")
    try require(size: hiddenLayerMultiplier, "hidden_layer_multiplier")
    if let dimModelOut { try require(size: dimModelOut, "dim_model_out") }
  }
}

// @register(feedforward, "Conv2DFeedforward", ConvMlpConfig)
/// A feedforward with a convolution of 3 × 3 cells between its layers, on a grid of tokens.
///
/// [Guo et al., 2022](https://arxiv.org/abs/2202.09741), VAN: conv(act(near(conv(x)))) with conv 1 × 1
/// and near 3 × 3, depthwise. Like the original zoo, but unlike the paper, it drops nothing after the
/// activation. Tokens are the cells row by row, while the original takes them column by column: loading
/// its checkpoints turns the kernels. Its key `act_layer`, which it ignores, is refused.
///
/// - Shapes: `[B, L, E]`, L a square → `[B, L, E]` or the width of the output.
/// - Complexity: O(L·E²·multiplier) time, O(L·E·multiplier) memory.
public final class Conv2DFeedforward: Module, Feedforward {
  /// The options.
  public let config: ConvMlpConfig
  /// The first layer, 1 × 1.
  public let inner: Convolution
  /// The convolution of neighbours, 3 × 3 for each channel.
  public let near: Convolution
  /// The last layer, 1 × 1.
  public let outer: Convolution
  private let dropout: Dropout

  /// Draws kernels from N(0, √(2/fan)), where fan is the number of outputs that an input reaches;
  /// biases begin at 0.
  public init(_ config: ConvMlpConfig, generator: Generator) throws {
    self.config = config
    let (width, hidden) = (config.dimModel, config.hiddenWidth)
    inner = try Convolution(width, hidden, generator: generator)
    near = try Convolution(hidden, hidden, width: 3, groups: hidden, generator: generator)
    outer = try Convolution(hidden, config.dimModelOut ?? width, generator: generator)
    dropout = Dropout(config.dropout, generator: generator)
    super.init([
      "conv_mlp.0": inner, "conv_mlp.1": near, "conv_mlp.3": outer, "conv_mlp.4": dropout,
    ])
    for (layer, deviation) in zip([inner, near, outer], config.deviations) {
      let shape = layer.weight.value.shape
      try layer.weight.replace(Tensor.normal(shape, generator: generator) * deviation)
      try layer.bias.replace(Tensor.zeros(layer.bias.value.shape))
    }
  }

  /// Maps the cells.
  public func callAsFunction(_ inputs: Tensor) throws -> Tensor {
    try checkTokens(inputs, "inputs", width: config.dimModel)
    guard claims.sequence.accepts(inputs.size(1)) else {
      throw error(
        .shape(
          tensor: "inputs", expected: "a length S \(claims.sequence.text)", got: inputs.shape))
    }
    let hidden = try config.activation(near(inner(inputs.tokenGrid())))
    return try dropout(outer(hidden).gridTokens())
  }

  /// The kernels of the original, turned to rows.
  public override func converted(original state: [String: Tensor]) throws -> [String: Tensor] {
    var converted = state
    if let kernel = state["conv_mlp.1.weight"], kernel.rank == 4 {
      converted["conv_mlp.1.weight"] = try kernel.transposed()
    }
    return converted
  }
}

// MARK: Contract

extension ConvMlpConfig {
  /// The deviations of the initial kernels of the three layers.
  fileprivate var deviations: [Double] {
    [hiddenWidth, 9, dimModelOut ?? dimModel].map { (2 / Double($0)).squareRoot() }
  }
}

extension Conv2DFeedforward {
  /// Each token is computed from its neighbours.
  public static func claims(for config: ConvMlpConfig) -> Claims {
    var claims = Claims()
    claims.sequence = .squared
    claims.nanIsolation = [.batchRow]
    claims.memoryExponent = 1
    claims.dropout = .output(key: "dropout")
    let (width, hidden) = (config.dimModel, config.hiddenWidth)
    let out = config.dimModelOut ?? width
    let shapes = [[hidden, width, 1, 1], [hidden, 1, 3, 3], [out, hidden, 1, 1]]
    var roles: [String: String] = [:]
    for (layer, (role, shape)) in zip(
      zip(["0", "1", "3"], config.deviations), zip(["input", "near", "output"], shapes))
    {
      let key = "conv_mlp.\(layer.0)"
      claims.parameters["\(key).weight"] = ParameterClaim(shape, .normal(deviation: layer.1))
      claims.parameters["\(key).bias"] = ParameterClaim([shape[0]], .zero)
      roles["\(role)_weight"] = "\(key).weight"
      roles["\(role)_bias"] = "\(key).bias"
    }
    claims.definition = Definition(
      "conv_mlp", options: ["activation": .string(config.activation.rawValue)], parameters: roles)
    return claims
  }

  /// Cells in, cells out.
  public var signature: Signature {
    Signature(
      [.init("inputs", ["B", "S", "E"])],
      output: ["B", "S", config.dimModelOut == nil ? "E" : "O"],
      fixed: ["E": config.dimModel, "O": config.dimModelOut ?? config.dimModel])
  }
}
