internal import JSON
internal import Torch

/// The encoder of a model: layers one after another, or reversible ones.
struct ModelEncoder {
  let stem: ModelStem
  let layers: [ModelLayer]
  let reversible: ReversibleEncoder?

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
  var hasFinalNorm: Bool {
    reversible.map { $0.finalNorm != nil } ?? (layers.last?.finalNorm != nil)
  }
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

/// An encoder that training undoes instead of saving what its layers compute, see
/// ``ReversibleSequence``: f is an attention, g a feedforward, each with the normalization of its
/// stack's style. Two copies of the tokens go in; the result is the mean of what comes out.
final class ReversibleEncoder {
  let stem: ModelStem
  let finalNorm: (any UnaryPart)?
  let simplicial: (any UnaryPart)?
  let layers: [Layer]
  private let sequence: ReversibleSequence

  /// The sublayers of a layer.
  struct Layer {
    let attention: MultiHeadDispatch
    let feedforward: any UnaryPart
    let norms: [any UnaryPart]
    let normalizesFirst: Bool

    init(_ stack: ModelPlan.Stack, _ registry: Registry, _ generator: Generator) throws {
      attention = try stack.attention.dispatch(registry, generator)
      feedforward = try stack.feedforward.feedforward(registry, generator)
      norms = try (0..<2).map { _ in try stack.normalization.unary(registry, generator) }
      normalizesFirst = stack.style.normalizesFirst
    }

    /// A sublayer with its normalization.
    func branch(_ norm: any UnaryPart, _ x: Tensor, _ sublayer: (Tensor) throws -> Tensor) throws
      -> Tensor
    {
      try normalizesFirst ? sublayer(norm(x)) : norm(sublayer(x))
    }

    /// The modules of both sublayers.
    var modules: (f: Module, g: Module) {
      (
        Module(["norm": norms[0], "sublayer": attention]),
        Module(["norm": norms[1], "sublayer": feedforward])
      )
    }
  }

  init(_ plan: ModelPlan, _ registry: Registry, _ generator: Generator) throws {
    let (first, last) = (plan.encoders[0], plan.encoders[plan.encoders.count - 1])
    stem = try ModelStem(
      first, first.position?.unary(registry, generator), registry, generator)
    layers = try plan.encoders.flatMap { stack in
      try (0..<stack.config.numLayers).map { _ in try Layer(stack, registry, generator) }
    }
    sequence = try ReversibleSequence(dim: first.config.dimModel, around: layers.map(\.modules))
    finalNorm =
      last.hasFinalNorm ? try last.normalization.unary(registry, generator) : nil
    simplicial = try last.simplicial?.unary(registry, generator)
  }

  /// The modules in a model, and their keys.
  var members: [(key: String, member: (any ModuleMember)?)] {
    [
      ("rev_enc_pose_encoding", stem.position), ("rev_enc_embedding_projector", stem.projection),
      ("rev_enc_patch_emb", stem.patch), ("encoders", sequence), ("rev_enc_norm", finalNorm),
      ("rev_enc_simplicial", simplicial),
    ]
  }

  /// Maps tokens.
  func callAsFunction(_ input: Tokens, _ visit: PartVisit?) throws -> Tokens {
    var tokens = try stem(input, visit)
    let (layers, isReal) = (layers, tokens.isReal)
    func f(_ number: Int, _ x: Tensor) throws -> Tensor {
      let layer = layers[number]
      return try layer.branch(layer.norms[0], x) {
        try layer.attention.visited([$0, $0, $0], isReal, visit)
      }
    }
    func g(_ number: Int, _ x: Tensor) throws -> Tensor {
      let layer = layers[number]
      return try layer.branch(layer.norms[1], x) { try layer.feedforward.visited($0, visit) }
    }
    var (first, second) = (tokens.values, tokens.values)
    if visit == nil {
      (first, second) = try sequence(Tensor.cat([first, second], -1), f: f, g: g).halves
    } else {
      // A visit follows the derivatives of what it sees, which the sequence does not record.
      for number in layers.indices {
        first = try first + f(number, second)
        second = try second + g(number, first)
      }
    }
    tokens.values = try (first + second) / 2
    if let finalNorm { tokens.values = try finalNorm(tokens.values) }
    if let simplicial { tokens.values = try simplicial(tokens.values) }
    return tokens
  }
}

extension Module {
  /// Makes a module of modules under the keys 0, 1, 2 …
  convenience init(list: [Module]) {
    self.init(members: list.enumerated().map { ("\($0)", $1) })
  }
}
