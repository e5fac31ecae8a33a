internal import JSON
public import Torch

/// The options of a feedforward with a gate.
public struct GatedLinearUnitConfig: PartConfig {
  /// The width of a token, E, in channels.
  public var dimModel: Int
  /// The width between the layers, in channels; if null, 8E/3 rounded up to a multiple.
  public var hiddenDim: Int?
  /// The number of channels of which that width is a multiple if ``hiddenDim`` is null.
  public var multipleOf = 8
  /// The share of channels dropped after the gate and after the last layer while training, 0 ... 1.
  public var dropout = 0.0
  /// Whether the layers have a bias.
  public var bias = false

  /// Eight channels, and 24 between the layers.
  public static let sample = Self(dimModel: 8)
  /// The width has no default.
  public static let required = ["dim_model"]
  /// Widths that are left out, narrower and wider than most tokens.
  public static let domain: [String: OptionDomain] = [
    "hidden_dim": .values([nil, 1, 5]), "multiple_of": .values([8, 1, 5]),
  ]

  /// The width between the layers, in channels.
  public var hiddenWidth: Int {
    hiddenDim ?? ((8 * dimModel + 2) / 3 + multipleOf - 1) / multipleOf * multipleOf
  }

  /// Checks the widths and the share.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: dimModel, "dim_model")
    try require(size: multipleOf, "multiple_of")
    if let hiddenDim { try require(size: hiddenDim, "hidden_dim") }
  }
}

/// Three linear layers, W₃(act(W₁x) ⊙ W₂x), for each token alone; a subclass names the function.
///
/// [Shazeer, 2020](https://arxiv.org/abs/2002.05202). Not in the original zoo. The gate is `w1`, what
/// it multiplies `w2`, and the last layer `w3`; Llama calls the latter two `w3` and `w2`.
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`.
/// - Complexity: O(S·E·hidden) time.
public class GatedLinearUnit: Module, Feedforward {
  /// The function of a gate.
  enum Gate: String {
    case silu
    case gelu
    case relu

    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
      switch self {
      case .silu: try x.silu()
      case .gelu: try x.gelu()
      case .relu: try x.relu()
      }
    }
  }

  class var gate: Gate { preconditionFailure("a subclass names the function of the gate") }

  /// The options.
  public let config: GatedLinearUnitConfig
  /// The gate, `[hidden, E]`.
  public let gateLayer: Linear
  /// What the gate multiplies, `[hidden, E]`.
  public let valueLayer: Linear
  /// The last layer, `[E, hidden]`.
  public let outer: Linear
  private let dropout: Dropout

  /// Draws all layers as torch does.
  public required init(_ config: GatedLinearUnitConfig, generator: Generator) throws {
    self.config = config
    let (width, hidden) = (config.dimModel, config.hiddenWidth)
    gateLayer = try Linear(width, hidden, bias: config.bias, generator: generator)
    valueLayer = try Linear(width, hidden, bias: config.bias, generator: generator)
    outer = try Linear(hidden, width, bias: config.bias, generator: generator)
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["w1": gateLayer, "w2": valueLayer, "w3": outer, "drop": dropout])
  }

  /// Maps each token.
  public func callAsFunction(_ inputs: Tensor) throws -> Tensor {
    try checkTokens(inputs, "inputs", width: config.dimModel)
    let hidden = try Self.gate(gateLayer(inputs)) * valueLayer(inputs)
    return try dropout(outer(dropout(hidden)))
  }
}

// @register(feedforward, "SwiGLU", GatedLinearUnitConfig)
/// A feedforward whose gate is x·σ(x), for each token alone.
///
/// [Shazeer, 2020](https://arxiv.org/abs/2002.05202); beyond the original zoo. See ``GatedLinearUnit``.
public final class SwiGLU: GatedLinearUnit {
  override class var gate: Gate { .silu }
}

// @register(feedforward, "GEGLU", GatedLinearUnitConfig)
/// A feedforward whose gate is x·Φ(x), for each token alone.
///
/// [Shazeer, 2020](https://arxiv.org/abs/2002.05202); beyond the original zoo. See ``GatedLinearUnit``.
public final class GEGLU: GatedLinearUnit {
  override class var gate: Gate { .gelu }
}

// @register(feedforward, "ReGLU", GatedLinearUnitConfig)
/// A feedforward whose gate is the positive part of x, for each token alone.
///
/// [Shazeer, 2020](https://arxiv.org/abs/2002.05202); beyond the original zoo. See ``GatedLinearUnit``.
public final class ReGLU: GatedLinearUnit {
  override class var gate: Gate { .relu }
}

// MARK: Contract

extension GatedLinearUnit {
  /// Each token is computed on its own.
  public static func claims(for config: GatedLinearUnitConfig) -> Claims {
    var claims = Claims.ofEachToken
    let (width, hidden) = (config.dimModel, config.hiddenWidth)
    let layers = [("1", width, hidden), ("2", width, hidden), ("3", hidden, width)]
    var roles: [String: String] = [:]
    for (number, inputs, outputs) in layers {
      claims.parameters.addLinear("w\(number)", inputs, outputs, bias: config.bias)
      roles["w\(number)"] = "w\(number).weight"
      if config.bias { roles["b\(number)"] = "w\(number).bias" }
    }
    claims.dropout = .both(key: "dropout")
    claims.definition = Definition(
      "gated_linear_unit",
      options: [
        "activation": .string(gate.rawValue), "multiple_of": .integer(config.multipleOf),
        "hidden_dim": config.hiddenDim.map { .integer($0) } ?? .null,
      ], parameters: roles)
    return claims
  }

  /// Those of the subclass.
  public var claims: Claims { type(of: self).claims(for: config) }

  /// Tokens in, tokens out.
  public var signature: Signature { .tokens("inputs", width: config.dimModel) }
}
