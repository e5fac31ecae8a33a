internal import JSON
internal import Torch

/// The encoder of a model: layers one after another, or reversible ones.
struct ModelEncoder {
  let stem: ModelStem
  let layers: [ModelLayer]
  private let reversible: ReversibleEncoder?

  init(_ plan: ModelPlan, _ registry: Registry, _ generator: Generator) throws {
    if plan.isReversible {
      let reversible = try ReversibleEncoder(plan, registry, generator)
      self.reversible = reversible
      layers = []
      stem = reversible.stem
    } else {
      reversible = nil
      layers = try plan.layers(plan.encoders, sharing: nil, registry, generator)
      stem = layers[0].stem
    }
  }

  func callAsFunction(_ input: Tokens, _ visit: PartVisit?) throws -> Tokens {
    if let reversible { return try reversible(input, visit) }
    var tokens = input
    for layer in layers { tokens = try layer(tokens, memory: nil, visit) }
    return tokens
  }

  /// The modules of the encoder in a model, and their keys.
  var members: [(key: String, member: (any ModuleMember)?)] {
    reversible?.members ?? [("encoders", Module(list: layers))]
  }

  /// What multiplies the initial values of each layer, by its key.
  var gains: [String: Double] {
    Dictionary(
      uniqueKeysWithValues: layers.enumerated().map { ("encoders.\($0)", $1.initialGain) })
  }
  /// Whether tokens are normalized at the end.
  var hasFinalNorm: Bool { reversible.map { $0.finalNorm != nil } ?? (layers.last?.finalNorm != nil) }
}

extension ModelPlan {
  /// The layers of stacks of one kind.
  ///
  /// - `shared`: the position embedding of the first layer, if it is that of the encoder.
  func layers(
    _ stacks: [Stack], sharing shared: (any UnaryPart)?, _ registry: Registry,
    _ generator: Generator
  ) throws -> [ModelLayer] {
    let count = stacks.reduce(0) { $0 + $1.config.numLayers }
    var layers: [ModelLayer] = []
    for stack in stacks {
      for number in 0..<stack.config.numLayers {
        let position =
          layers.isEmpty ? try shared ?? stack.position?.unary(registry, generator) : nil
        let stem =
          number == 0 ? try ModelStem(stack, position, registry, generator) : ModelStem()
        let rate = StochasticDepth.rate(
          stack.config.stochasticDepth, layer: layers.count + 1, of: count)
        let depth: JSONObject = [
          "encoder_layers": .integer(encoderLayers), "decoder_layers": .integer(decoderLayers),
          "stochastic_depth": .number(rate),
        ]
        layers.append(
          try ModelLayer(
            stack, stem, depth: depth, isLast: layers.count == count - 1, registry, generator))
      }
    }
    return layers
  }
}

/// Layers whose activations gradients compute again: halves x₁ and x₂ of doubled tokens become
/// y₁ = x₁ + f(x₂), y₂ = x₂ + g(y₁), with f an attention and g a feedforward.
struct ReversibleEncoder {
  let stem: ModelStem
  let finalNorm: (any UnaryPart)?
  private let simplicial: (any UnaryPart)?
  private let layers: [Layer]

  /// The two sublayers of a layer, each with its normalization.
  private struct Layer {
    let attention: MultiHeadDispatch
    let feedforward: any UnaryPart
    let norms: [any UnaryPart]
    let normalizesFirst: Bool
  }

  init(_ plan: ModelPlan, _ registry: Registry, _ generator: Generator) throws {
    fatalError()
  }

  var members: [(key: String, member: (any ModuleMember)?)] { [] }

  func callAsFunction(_ input: Tokens, _ visit: PartVisit?) throws -> Tokens { input }
}

extension Module {
  /// Makes a module of modules under the keys 0, 1, 2 …
  convenience init(list: [Module]) {
    self.init(members: list.enumerated().map { ("\($0)", $1) })
  }
}
