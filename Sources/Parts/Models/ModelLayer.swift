internal import JSON
internal import Torch

/// What a model does with a part before it calls it: with its inputs by name.
typealias PartVisit = (any PartModule, [String: Tensor]) throws -> Void

/// Tokens, and which of them are real; nil if all are.
struct Tokens {
  var values: Tensor
  var isReal: Tensor?

  init(_ values: Tensor, isReal: Tensor? = nil) {
    self.values = values
    self.isReal = isReal
  }
}

/// What makes the first tokens of a stack: patches of an image, positions, another width.
struct ModelStem {
  let patch: (any UnaryPart)?
  let position: (any UnaryPart)?
  let projection: Linear?

  /// Builds the parts of the first layer of a stack.
  ///
  /// - `position`: the position embedding of the first stack; one that is shared, or nil.
  init(
    _ stack: ModelPlan.Stack, _ position: (any UnaryPart)?, _ registry: Registry,
    _ generator: Generator
  ) throws {
    patch = try stack.patch.map { try $0.unary(registry, generator) }
    self.position = position
    let width = position.flatMap { $0.signature.fixed["E"] } ?? stack.config.dimModel
    projection =
      width == stack.config.dimModel
      ? nil : try Linear(width, stack.config.dimModel, generator: generator)
  }

  /// Makes tokens of the next part of the input.
  ///
  /// - `offsets`: how many tokens come before in each row.
  func next(_ x: Tokens, offsets: [Int]) throws -> Tokens {
    var tokens = x
    if let position = position as? any OffsetEmbedding {
      tokens.values = try position(tokens.values, offsets: offsets, real: tokens.isReal)
    }
    if let projection { tokens.values = try projection(tokens.values) }
    return tokens
  }

  /// Makes tokens of the input.
  func callAsFunction(_ x: Tokens, _ visit: PartVisit?) throws -> Tokens {
    var tokens = x
    if let patch {
      guard tokens.isReal == nil else {
        throw patch.error(
          .unsupported(
            feature: "an input mask", reason: "a patch may hold tokens that are real and others"))
      }
      tokens.values = try patch.visited(tokens.values, visit)
    }
    if let position {
      tokens.values = try position.visited(tokens.values, visit)
      // A class token is real.
      tokens.isReal = try tokens.isReal.map {
        try $0.padded([tokens.values.size(1) - $0.size(1), 0], with: 1)
      }
    }
    if let projection { tokens.values = try projection(tokens.values) }
    return tokens
  }
}

/// What a layer keeps of the tokens that it has seen.
final class LayerCache {
  /// The cache of the attention between tokens.
  let own: TokenCache
  /// The keys and values of the memory in each head.
  var memory: (Tensor, Tensor)?

  init(_ own: TokenCache) { self.own = own }
}

/// One layer of an encoder or decoder.
final class ModelLayer: Module {
  let stem: ModelStem
  let attention: MultiHeadDispatch
  let cross: MultiHeadDispatch?
  let feedforward: any UnaryPart
  let finalNorm: (any UnaryPart)?
  let simplicial: (any UnaryPart)?
  /// The residuals around the attentions and the feedforward.
  let residuals: [any Residual]

  /// Builds a layer.
  ///
  /// - Parameters:
  ///   - depth: the options that tell a residual style of the model's depth.
  ///   - isLast: whether it is the last layer of all of its kind.
  init(
    _ stack: ModelPlan.Stack, _ stem: ModelStem, depth: JSONObject, isLast: Bool,
    _ registry: Registry, _ generator: Generator
  ) throws {
    self.stem = stem
    attention = try stack.attention.dispatch(registry, generator)
    cross = try stack.cross?.dispatch(registry, generator)
    feedforward = try stack.feedforward.feedforward(registry, generator)
    residuals = try [attention, cross, feedforward].compactMap { part in
      try part.map { try stack.residual(around: $0, depth, registry, generator) }
    }
    finalNorm =
      isLast && stack.hasFinalNorm
      ? try stack.normalization.unary(registry, generator) : nil
    simplicial = isLast ? try stack.simplicial?.unary(registry, generator) : nil
    let last = residuals[residuals.count - 1]
    super.init([
      "pose_encoding": stem.position, "embedding_projector": stem.projection,
      "wrap_att": residuals[0], "wrap_cross": cross == nil ? nil : residuals[1],
      "wrap_ff": finalNorm.map { Module(["norm": $0, "sublayer": last]) } ?? last,
      "patch_emb": stem.patch, "simplicial": simplicial,
    ])
  }

  /// Maps tokens; those of a decoder attend to the memory besides.
  func callAsFunction(_ input: Tokens, memory: Tokens?, _ visit: PartVisit?) throws -> Tokens {
    let tokens = try stem(input, visit)
    return try mapped(tokens, memory: memory, visit) {
      try attention.visited($0, tokens.isReal, visit)
    } attendToMemory: { cross, inputs in
      try cross.visited(inputs, memory?.isReal, visit)
    }
  }

  /// Maps the next tokens, which attend to those in a cache besides; those of a decoder also to the
  /// memory.
  func next(_ input: Tokens, cache: LayerCache, memory: Tokens?) throws -> Tokens {
    let tokens = try stem.next(input, offsets: cache.own.counts)
    return try mapped(tokens, memory: memory) {
      try attention($0[0], $0[1], $0[2], cache: cache.own, real: tokens.isReal)
    } attendToMemory: { cross, inputs in
      try cross(inputs[0], inputs[1], isReal: memory?.isReal, known: &cache.memory)
    }
  }

  /// Maps tokens of the stem; how they attend to each other and to a memory is given.
  private func mapped(
    _ input: Tokens, memory: Tokens?, _ visit: PartVisit? = nil,
    attend: ([Tensor]) throws -> Tensor,
    attendToMemory: (MultiHeadDispatch, [Tensor]) throws -> Tensor
  ) throws -> Tokens {
    var tokens = input
    var x = tokens.values
    x = try residuals[0]([x, x, x], attend)
    if let cross, let memory {
      x = try residuals[1]([x, memory.values, memory.values]) { try attendToMemory(cross, $0) }
    }
    x = try residuals[residuals.count - 1]([x]) { try feedforward.visited($0[0], visit) }
    if let finalNorm { x = try finalNorm(x) }
    if let simplicial { x = try simplicial(x) }
    tokens.values = x
    return tokens
  }

  /// What multiplies the initial values of values, output projections and feedforwards.
  var initialGain: Double { residuals[0].initialGain }

  /// The final normalization, which the original lacks where a configuration has several layers.
  override func converted(original state: [String: Tensor]) throws -> [String: Tensor] {
    let (plain, normed) = ("wrap_ff.layer.", "wrap_ff.sublayer.layer.")
    guard let finalNorm, state.keys.contains(where: { $0.hasPrefix(plain) }) else {
      return try super.converted(original: state)
    }
    var moved: [String: Tensor] = [:]
    for (key, value) in state {
      moved[key.hasPrefix(plain) ? normed + key.dropFirst(plain.count) : key] = value
    }
    for (key, value) in finalNorm.parameters { moved["wrap_ff.norm.\(key)"] = value }
    return try super.converted(original: moved)
  }
}

// MARK: Parts

extension ModelPlan.Part {
  /// Builds a part that maps one tensor.
  func unary(_ registry: Registry, _ generator: Generator) throws -> any UnaryPart {
    guard let part = try build(registry, generator) as? any UnaryPart else {
      preconditionFailure("`\(entry.title)` maps one tensor, as was checked")
    }
    return part
  }

  /// Builds a feedforward, whose output must have the width of the stack.
  func feedforward(_ registry: Registry, _ generator: Generator) throws -> any UnaryPart {
    let part = try unary(registry, generator)
    guard part.signature.output == ["B", "S", "E"] else {
      throw PartError(
        .value(
          key: path, expected: "a feedforward to the width of the stack",
          got: options.description))
    }
    return part
  }

  /// Builds a dispatch of heads.
  func dispatch(_ registry: Registry, _ generator: Generator) throws -> MultiHeadDispatch {
    guard let part = try build(registry, generator) as? MultiHeadDispatch else {
      preconditionFailure("an entry of the kind multihead builds a dispatch")
    }
    return part
  }
}

extension ModelPlan.Stack {
  /// The residual of the stack's style around a sublayer.
  func residual(
    around sublayer: Module, _ depth: JSONObject, _ registry: Registry, _ generator: Generator
  ) throws -> any Residual {
    let options = depth.merging([
      "d_norm": .integer(config.dimModel), "normalization": config.normalization,
      "block_type": .string(config.blockType.rawValue),
      "layer_scale": config.layerScale.map { .number($0) } ?? .null,
    ])
    let own = JSONObject(options.filter { style.keys.contains($0.key) })
    do { return try style.build(.object(own), around: sublayer, registry, generator) } catch let
      error as PartError
    { throw error.inside(path) }
  }

  /// Whether tokens are normalized after the last layer.
  var hasFinalNorm: Bool { config.finalNorm ?? style.normalizesFirst }
}

extension UnaryPart {
  /// The output, after a visit.
  func visited(_ x: Tensor, _ visit: PartVisit?) throws -> Tensor {
    if let visit { try visit(self, [signature.inputs[0].name: x]) }
    return try self(x)
  }
}

extension MultiHeadDispatch {
  /// The output for query, key and value, after a visit.
  func visited(_ inputs: [Tensor], _ isReal: Tensor?, _ visit: PartVisit?) throws
    -> Tensor
  {
    if let visit {
      var named = ["query": inputs[0], "key": inputs[1], "value": inputs[2]]
      named["key_padding_mask"] = isReal
      try visit(self, named)
    }
    return try self(inputs[0], inputs[1], inputs[2], masks: Masks(keyPadding: isReal))
  }
}
