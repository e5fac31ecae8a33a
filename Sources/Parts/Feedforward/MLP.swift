internal import JSON
public import Torch

/// The options of a feedforward of two layers.
public struct MlpConfig: PartConfig {
  /// The width of a token, in channels.
  public var dimModel: Int
  /// The width between the layers, as a multiple of the width of a token.
  public var hiddenLayerMultiplier: Int
  /// The function between the layers; if null, none.
  public var activation: Activation?
  /// The share of channels dropped after each layer while training, 0 ... 1.
  public var dropout = 0.0
  /// Whether the layers have a bias.
  public var bias = true

  /// Eight channels, and four times as many between the layers.
  public static let sample = Self(dimModel: 8, hiddenLayerMultiplier: 4)
  /// The widths have no default. The original requires `dropout` and `activation` as well.
  public static let required = ["dim_model", "hidden_layer_multiplier"]
  /// Every activation and none.
  public static let domain: [String: OptionDomain] = [
    "dim_model": .equal(.modelWidth), "hidden_layer_multiplier": .values([1, 2, 3]),
    "activation": .values([nil] + Activation.allCases.map { .string($0.rawValue) }),
  ]

  /// Checks the widths and the share.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: dimModel, "dim_model")
    try require(size: hiddenLayerMultiplier, "hidden_layer_multiplier")
  }
}

// @register(feedforward, "MLP", MlpConfig)
/// Two linear layers with an activation between them, for each token alone.
///
/// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762).
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`; the hidden width is
///   ``MlpConfig/hiddenLayerMultiplier``·E.
/// - Complexity: O(S·E²·multiplier) time.
public class MLP: Module, Feedforward {
  /// The options.
  public let config: MlpConfig
  /// The first layer, `[hidden, E]`.
  public let inner: Linear
  /// The second layer, `[E, hidden]`.
  public let outer: Linear
  private let dropout: Dropout

  /// Draws both layers as torch does.
  public required init(_ config: MlpConfig, generator: Generator) throws {
    self.config = config
    let (width, hidden) = (config.dimModel, config.dimModel * config.hiddenLayerMultiplier)
    inner = try Linear(width, hidden, bias: config.bias, generator: generator)
    outer = try Linear(hidden, width, bias: config.bias, generator: generator)
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["mlp.0": inner, "mlp.3": outer, "drop": dropout])
  }

  /// Maps each token.
  public func callAsFunction(_ inputs: Tensor) throws -> Tensor {
    try checkTokens(inputs, "inputs", width: config.dimModel)
    var hidden = try inner(inputs)
    if let activation = config.activation { hidden = try activation(hidden) }
    return try dropout(outer(dropout(hidden)))
  }
}

// MARK: Contract

extension MLP {
  /// Each token is computed on its own.
  public static func claims(for config: MlpConfig) -> Claims {
    var claims = Claims.ofEachToken
    let (width, hidden) = (config.dimModel, config.hiddenLayerMultiplier * config.dimModel)
    claims.parameters.addLinear("mlp.0", width, hidden, bias: config.bias)
    claims.parameters.addLinear("mlp.3", hidden, width, bias: config.bias)
    claims.dropout = .both(key: "dropout")
    var parameters = ["w1": "mlp.0.weight", "w2": "mlp.3.weight"]
    if config.bias {
      parameters["b1"] = "mlp.0.bias"
      parameters["b2"] = "mlp.3.bias"
    }
    claims.definition = Definition(
      "mlp", options: ["activation": config.activation.map { .string($0.rawValue) } ?? .null],
      parameters: parameters)
    return claims
  }

  /// Tokens in, tokens out.
  public var signature: Signature { .tokens("inputs", width: config.dimModel) }
}
