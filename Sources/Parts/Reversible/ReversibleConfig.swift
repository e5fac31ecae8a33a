internal import Catalogue
public import JSON
internal import Torch

/// The options of a sequence of reversible blocks.
public struct ReversibleConfig: PartConfig {
  /// The number of blocks.
  public var blocks: Int
  /// The width of a half, half of that of a token, in channels.
  public var dim: Int
  /// The first sublayer of each block: a linear layer, maybe with an activation as in `Linear,GELU`, or
  /// the name of a feedforward, or its options with its `name`.
  public var f: JSON = "Linear,GELU"
  /// The second sublayer of each block, in the same words.
  public var g: JSON = "Linear,ReLU"

  /// Two blocks of tokens of eight channels.
  public static let sample = Self(blocks: 2, dim: 4)
  /// The sizes have no default.
  public static let required = ["blocks", "dim"]
  /// One block to six, and sublayers with and without dropout.
  public static let domain: [String: OptionDomain] = [
    "blocks": .values([2, 1, 6]), "dim": .equal(.headWidth),
    "f": .values([
      "Linear,GELU", "Linear", "Linear,ReLU",
      ["name": "MLP", "hidden_layer_multiplier": 2, "activation": "gelu"],
    ]),
    "g": .values([
      "Linear,ReLU", "Linear", ["name": "MLP", "hidden_layer_multiplier": 1],
    ]),
  ]

  /// Blocks of linear layers with activations.
  public init(blocks: Int, dim: Int) {
    self.blocks = blocks
    self.dim = dim
  }

  /// Checks the sizes.
  public func validate() throws {
    try require(size: blocks, "blocks")
    try require(size: dim, "dim")
  }
}

/// A sublayer that options name.
enum ReversibleSublayer {
  case linear(width: Int, Activation?)
  case part(InnerPart)

  private static let linear: KeyValuePairs<String, Activation?> = [
    "Linear": nil, "Linear,ReLU": .relu, "Linear,GELU": .gelu, "Linear,LeakyReLU": .leakyRelu,
    "Linear,SquaredReLU": .squaredRelu, "Linear,StarReLU": .starRelu, "Linear,SMeLU": .smelu,
  ]

  /// - Throws: `PartError` for an unknown name, or another width than that of a half.
  init(_ json: JSON, key: String, width: Int, in registry: Registry) throws {
    if let known = Self.linear.first(where: { $0.key == json.string }) {
      self = .linear(width: width, known.value)
      return
    }
    let names = Self.linear.map(\.key) + registry.entries(.feedforward).map(\.name)
    guard json.string.map(names.contains) ?? true else {
      throw PartError(
        .value(
          key: key, expected: "one of \(names.joined(separator: ", "))", got: json.description))
    }
    self = try .part(
      InnerPart(json, .feedforward, key: key, width: width, of: "a half", in: registry))
  }

  /// What it promises.
  var claims: Claims {
    get throws {
      switch self {
      case .part(let part): return try part.claims
      case .linear(let width, let activation):
        var claims = Claims.linear(width: width)
        claims.parameters = Dictionary(
          uniqueKeysWithValues: claims.parameters.map { ("0.\($0)", $1) })
        claims.definition = Definition(
          "linear", options: ["activation": activation.map { .string($0.rawValue) } ?? .null],
          parameters: ["weight": "0.weight", "bias": "0.bias"])
        return claims
      }
    }
  }

  /// Builds it.
  func build(_ generator: Generator) throws -> Module {
    switch self {
    case .part(let part): try part.build(generator)
    case .linear(let width, let activation):
      try ActivatedLinear(Linear(width, width, generator: generator), activation)
    }
  }
}

/// A linear layer and maybe an activation, with the keys of a list of layers.
final class ActivatedLinear: Module {
  private let linear: Linear
  private let activation: Activation?

  init(_ linear: Linear, _ activation: Activation?) {
    (self.linear, self.activation) = (linear, activation)
    super.init(["0": linear])
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    let output = try linear(x)
    return try activation.map { try $0(output) } ?? output
  }
}
