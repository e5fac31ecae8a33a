internal import Catalogue
internal import Foundation
internal import JSON
internal import Parts
internal import Properties
internal import Torch

/// What the configuration of a model says, composed by hand of parts that are built one by one, with
/// the weights of a model that the factory made of it.
struct HandmadeModel {
  /// A part, and where the definition of the model has it.
  struct Piece {
    let part: any PartModule
    let role: String
    let parameterKeys: [String: String]

    func callAsFunction(_ x: Tensor) throws -> Tensor {
      try part.run(named([x], nil))
    }

    /// The tensors of a call, one of tokens or query, key and value, by their names.
    func named(_ inputs: [Tensor], _ isReal: Tensor?) -> [String: Tensor] {
      guard inputs.count > 1 else { return [part.signature.inputs[0].name: inputs[0]] }
      var named = Dictionary(uniqueKeysWithValues: zip(["query", "key", "value"], inputs))
      named["key_padding_mask"] = isReal
      return named
    }
  }

  /// A sublayer with its normalization.
  struct Branch {
    let norm: Piece
    let sublayer: Piece
  }

  /// One layer of a stack.
  struct Layer {
    let style: String
    let weight: Double
    let gain: Double
    var patch, position, finalNorm, simplicial: Piece?
    var projection: (weight: Tensor, bias: Tensor, keys: [String?])?
    var attention, feedforward: Branch
    var cross: Branch?

    var pieces: [Piece] {
      [patch, position, finalNorm, simplicial].compactMap(\.self)
        + [attention, cross, feedforward].compactMap(\.self).flatMap { [$0.norm, $0.sublayer] }
    }
  }

  let isReversible: Bool
  private(set) var encoders: [Layer] = []
  private(set) var decoders: [Layer] = []
  private let model: any PartModule
  private let roles: [String: String]
  private let options: JSON
  private let registry: Registry
  /// The roles of sublayers that are taken to give 0.
  var isLeftOut: (String) -> Bool = { _ in false }
  /// What happens with a sublayer and what it gets before it is called.
  var visit: (any PartModule, [String: Tensor]) throws -> Void = { _, _ in }

  /// Builds the parts.
  ///
  /// - `model`: what the factory made of the stacks.
  init(_ stacks: [JSONObject], of model: any PartModule, _ setting: Setting) throws {
    guard let definition = model.claims.definition else {
      throw KitError("the model claims no definition")
    }
    self.model = model
    (roles, options) = (definition.parameters, definition.options)
    registry = setting.subject.registry
    isReversible = stacks.contains { $0["reversible"]?.bool == true }
    let counts = ["encoder", "decoder"].map { type in
      stacks.filter { $0.blockType == type }.reduce(0) { $0 + $1.layers }
    }
    for (type, own, others) in [("encoder", 0, 1), ("decoder", 1, 0)] {
      let chosen = stacks.filter { $0.blockType == type }
      var layers: [Layer] = []
      for stack in chosen {
        for number in 0..<stack.layers {
          let place = (layer: layers.count, of: counts[own], inStack: number)
          layers.append(try layer(stack, "\(type)s", place, counts[others]))
        }
      }
      if type == "encoder" { encoders = layers } else { decoders = layers }
    }
  }

  var layers: [Layer] { encoders + decoders }

  private func layer(
    _ stack: JSONObject, _ list: String, _ place: (layer: Int, of: Int, inStack: Int),
    _ others: Int
  ) throws -> Layer {
    let (role, width) = ("\(list).\(place.layer)", stack["dim_model"] ?? .null)
    let isLast = place.layer == place.of - 1
    let style = stack["residual_norm_style"]?.string ?? "post"
    func piece(
      _ kind: Kind, _ key: String, _ name: String, usual: String? = nil,
      sizes: [String] = [
        "dim_model"
      ]
    ) throws -> Piece? {
      guard var own = stack[key] ?? usual.map({ .string($0) }), !own.isNull else { return nil }
      if let text = own.string { own = ["name": .string(text)] }
      return try self.piece(kind, own, "\(role).\(name)", width, sizes: sizes)
    }
    func branch(_ kind: Kind, _ key: String, _ name: String) throws -> Branch? {
      guard let sublayer = try piece(kind, key, "\(name).sublayer") else { return nil }
      let norm = try piece(.normalization, "normalization", "\(name).norm", usual: "layernorm")
      return norm.map { Branch(norm: $0, sublayer: sublayer) }
    }
    let names = isReversible ? ("f", "g") : ("wrap_att", "wrap_ff")
    let attentionKey = list == "encoders" ? "multi_head_config" : "multi_head_config_masked"
    guard let attention = try branch(.multihead, attentionKey, names.0),
      let feedforward = try branch(.feedforward, "feedforward_config", names.1)
    else { throw KitError("a stack has no attention or no feedforward: \(stack)") }
    let isDeep = style == "deepnorm"
    let depth = Self.deepnorm(place.of, others, isEncoder: list == "encoders")
    var layer = Layer(
      style: style, weight: isDeep ? depth.alpha : 1, gain: isDeep ? depth.beta : 1,
      attention: attention, feedforward: feedforward)
    layer.cross = try branch(.multihead, "multi_head_config_cross", "wrap_cross")
    if place.inStack == 0 {
      layer.patch = try piece(
        .patchEmbedding, "patch_embedding_config", "patch", sizes: ["out_channels"])
    }
    if place.layer == 0 {
      layer.position = try piece(.positionEmbedding, "position_encoding_config", "position")
      let own = layer.position?.part.signature.fixed["E"]
      if let own, own != width.int {
        let names = ["weight", "bias"].map { "\(role).projection.\($0)" }
        layer.projection = try (tensor(names[0]), tensor(names[1]), names.map { roles[$0] })
      }
    }
    guard isLast else { return layer }
    if stack["final_norm"]?.bool ?? (style == "pre") {
      layer.finalNorm = try piece(
        .normalization, "normalization", "final_norm", usual: "layernorm")
    }
    layer.simplicial = try piece(.simplicialEmbedding, "simplicial_embeddings", "simplicial")
    return layer
  }

  /// α and β of table 1 of [Wang et al., 2022](https://arxiv.org/abs/2203.00555).
  ///
  /// - `own`: the number of layers of the kind, `others` that of the other kind.
  private static func deepnorm(_ own: Int, _ others: Int, isEncoder: Bool) -> (
    alpha: Double, beta: Double
  ) {
    let (n, m) = (Double(own), Double(others))
    if others == 0 { return (pow(2 * n, 0.25), pow(8 * n, -0.25)) }
    if !isEncoder { return (pow(3 * n, 0.25), pow(12 * n, -0.25)) }
    let root = pow(pow(n, 4) * m, 1.0 / 16)
    return (0.81 * root, 0.87 / root)
  }

  private func tensor(_ role: String) throws -> Tensor {
    guard let key = roles[role], let tensor = model.stateDict[key] else {
      throw PartMistake("the model has no parameter `\(role)`")
    }
    return tensor
  }

  /// Builds a part with the weights that the model has in a role.
  private func piece(
    _ kind: Kind, _ given: JSON, _ role: String, _ width: JSON, sizes: [String]
  ) throws -> Piece {
    var own = given.object ?? [:]
    let only = { registry.entries(kind).first?.name }
    let name =
      (kind == .multihead ? own["attention"]?["name"] : own["name"])?.string ?? only() ?? ""
    let entry = try registry.entry(kind, name)
    for key in sizes where entry.keys.contains(key) && own[key]?.isNull ?? true { own[key] = width }
    let part = try registry.build(kind, name, .object(own), generator: Generator(seed: 0)).part
    var state: [String: Tensor] = [:]
    var keys: [String: String] = [:]
    for (inner, key) in part.claims.definition?.parameters ?? [:] {
      state[key] = try tensor("\(role).\(inner)")
      keys[key] = roles["\(role).\(inner)"]
    }
    try part.load(state, strict: false)
    if let first = state.values.first { try part.to(first.dtype) } else { try part.to(.float64) }
    part.eval()
    let path = role.split(separator: ".").dropLast().map(String.init)
    let group = path.reduce(options) { group, step in
      Int(step).flatMap { group.array?[$0] } ?? group[step] ?? .null
    }
    if let place = group["key"]?.string, role.hasSuffix(".sublayer") {
      for key in part.claims.parameters.keys { keys[key] = "\(place).\(key)" }
      let drawn = model.drawn.filter { $0.key.hasPrefix("\(place).") }
      let own = drawn.map { (String($0.key.dropFirst(place.count + 1)), $0.value) }
      if !own.isEmpty { try part.inject(Dictionary(uniqueKeysWithValues: own)) }
    }
    return Piece(part: part, role: role, parameterKeys: keys)
  }
}
