internal import JSON
public import Torch

// @register(reversible, "sequence", ReversibleConfig)
/// Blocks y₁ = x₁ + f(x₂), y₂ = x₂ + g(y₁), which training undoes instead of saving what they compute.
///
/// [Gomez et al., 2017](https://arxiv.org/abs/1707.04585), and
/// [Kitaev et al., 2020](https://arxiv.org/abs/2001.04451): x₁ and x₂ are the halves of each token's
/// channels. Unlike in the original zoo, they are so in the input and in the output, and parameters are
/// trained also if the input has no gradient.
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`, E = 2·``ReversibleConfig/dim``.
/// - Complexity: that of the sublayers, and in training that of a second forward pass; memory for a
///   backward pass does not grow with the number of blocks.
public final class ReversibleSequence: Module, Reversible {
  /// The options.
  public let config: ReversibleConfig
  /// What it promises, given its sublayers.
  public let claims: Claims
  /// The sublayers of each block.
  public let blocks: [(f: Module, g: Module)]

  /// Builds the sublayers of each block.
  ///
  /// - Throws: `PartError` for parts that are unknown or refuse their options.
  public convenience init(_ config: ReversibleConfig, registry: Registry, generator: Generator)
    throws
  {
    let f = try ReversibleSublayer(config.f, key: "f", width: config.dim, in: registry)
    let g = try ReversibleSublayer(config.g, key: "g", width: config.dim, in: registry)
    try self.init(
      config, (0..<config.blocks).map { _ in try (f.build(generator), g.build(generator)) },
      Self.claims(for: config, registry: registry))
  }

  /// Makes blocks of sublayers of code; see ``Reversible/init(dim:around:)``.
  public convenience init(dim: Int, around blocks: [(f: Module, g: Module)]) throws {
    let config = ReversibleConfig(blocks: blocks.count, dim: dim)
    try config.validate()
    try self.init(config, blocks, Claims())
  }

  private init(_ config: ReversibleConfig, _ blocks: [(f: Module, g: Module)], _ claims: Claims)
    throws
  {
    self.config = config
    self.blocks = blocks
    self.claims = claims
    let members = blocks.map { Module(["f": Module(["net": $0.f]), "g": Module(["net": $0.g])]) }
    super.init(["blocks": Module(members: members.enumerated().map { ("\($0)", $1) })])
  }

  /// The number of blocks.
  public var count: Int { blocks.count }

  /// The first sublayer of a block.
  public func f(_ block: Int, _ x: Tensor) throws -> Tensor { try call(blocks[block].f, x) }

  /// The second sublayer of a block.
  public func g(_ block: Int, _ x: Tensor) throws -> Tensor { try call(blocks[block].g, x) }

  private func call(_ sublayer: Module, _ x: Tensor) throws -> Tensor {
    switch sublayer {
    case let linear as ActivatedLinear: return try linear(x)
    case let part as any UnaryPart: return try part(x)
    default:
      throw error(
        .unsupported(
          feature: "a call without sublayers", reason: "code gave them, and calls them itself"))
    }
  }

  /// Maps tokens by the blocks in order; see ``Reversible/callAsFunction(_:using:f:g:)``.
  public func callAsFunction(
    _ x: Tensor, using tensors: [Tensor] = [], f: @escaping Sublayer, g: @escaping Sublayer
  ) throws -> Tensor {
    try checkTokens(x, "x", width: 2 * config.dim)
    let leaves = parameters.map(\.value) + tensors
    let isRecorded = isGradEnabled && ([x] + leaves).contains(where: \.requiresGrad)
    var bookmarks: [ReversiblePass.Bookmarks] = []
    let output = try withoutGrad {
      var (first, second) = try x.halves
      for (block, sublayers) in blocks.enumerated() {
        let beforeF = isRecorded ? try sublayers.f.bookmark() : {}
        first = try first + checked(f(block, second), "f", block, like: first)
        let beforeG = isRecorded ? try sublayers.g.bookmark() : {}
        second = try second + checked(g(block, first), "g", block, like: first)
        bookmarks.append((beforeF, beforeG))
      }
      return try Tensor.cat([first, second], -1)
    }
    guard isRecorded else { return output }
    let pass = ReversiblePass(self, output, leaves, bookmarks, f, g)
    return try Tensor.recording([output], of: [x] + leaves) { derivatives in
      try pass.derivatives(by: derivatives[0] ?? Tensor.zeros(output.shape, output.dtype))
    }[0]
  }

  /// The tokens for which a call gives `y`; see ``Reversible/inverse(_:f:g:)``.
  public func inverse(_ y: Tensor, f: Sublayer, g: Sublayer) throws -> Tensor {
    try checkTokens(y, "y", width: 2 * config.dim)
    var (first, second) = try y.halves
    for block in blocks.indices.reversed() {
      second = try second - checked(g(block, first), "g", block, like: first)
      first = try first - checked(f(block, second), "f", block, like: first)
    }
    return try Tensor.cat([first, second], -1)
  }

  private func checked(_ output: Tensor, _ name: String, _ block: Int, like half: Tensor) throws
    -> Tensor
  {
    guard output.shape == half.shape else {
      throw error(
        .shape(tensor: "\(name) of block \(block)", expected: "\(half.shape)", got: output.shape))
    }
    return output
  }
}

// MARK: Contract

extension ReversibleSequence {
  /// Those that both sublayers make; of options that are refused, nothing is known.
  public static func claims(for config: ReversibleConfig, registry: Registry) -> Claims {
    func own(_ json: JSON, _ key: String) throws -> Claims {
      try ReversibleSublayer(json, key: key, width: config.dim, in: registry).claims
    }
    guard let f = try? own(config.f, "f"), let g = try? own(config.g, "g") else { return Claims() }
    var claims = f
    claims.tokenWise = f.tokenWise && g.tokenWise
    claims.batchIndependent = f.batchIndependent && g.batchIndependent
    claims.nanIsolation.formIntersection(g.nanIsolation)
    claims.dtypes.formIntersection(g.dtypes)
    claims.memoryExponent = max(f.memoryExponent, g.memoryExponent)
    claims.thresholds = Set(f.thresholds + g.thresholds).sorted()
    claims.redrawsInTraining = f.redrawsInTraining ?? g.redrawsInTraining
    if f.sequence == .any { claims.sequence = g.sequence }
    claims.parameters = [:]
    claims.withoutGradient = []
    let dropping = f.dropout.key == nil ? "g" : "f"
    var (roles, sites): ([String: String], [String]) = ([:], [])
    for block in 0..<config.blocks {
      for (name, part) in [("f", f), ("g", g)] {
        func full(_ key: String) -> String { "blocks.\(block).\(name).net.\(key)" }
        for (key, parameter) in part.parameters { claims.parameters[full(key)] = parameter }
        claims.withoutGradient.formUnion(part.withoutGradient.map(full))
        for (role, key) in part.definition?.parameters ?? [:] {
          roles["\(name).\(block).\(role)"] = full(key)
        }
        if name == dropping { sites += part.dropout.sites.map { "\(block).\($0)" } }
      }
    }
    claims.dropout =
      (f.dropout.key ?? g.dropout.key).map { .within(key: "\(dropping).\($0)", sites: sites) }
      ?? .none
    claims.definition = nil
    if let f = f.definition, let g = g.definition {
      claims.definition = Definition(
        "reversible",
        options: ["blocks": .integer(config.blocks), "f": f.group, "g": g.group],
        parameters: roles)
    }
    return claims
  }

  /// Tokens in, tokens out.
  public var signature: Signature { .tokens(width: 2 * config.dim) }

  /// The registered parts inside, by block and sublayer.
  private var parts: [(name: String, part: any PartModule)] {
    blocks.enumerated().flatMap { block, sublayers in
      [("f", sublayers.f), ("g", sublayers.g)].compactMap { name, module in
        (module as? any PartModule).map { ("\(name).\(block)", $0) }
      }
    }
  }

  /// The draws of the sublayers, such as `f.0.noise`.
  public var drawn: [String: Tensor] {
    var all: [String: Tensor] = [:]
    for (place, part) in parts {
      for (name, tensor) in part.drawn { all["\(place).\(name)"] = tensor }
    }
    return all
  }

  /// Passes draws to the sublayers.
  public func inject(_ drawn: [String: Tensor]) throws {
    let parts = parts
    for name in drawn.keys.sorted()
    where !parts.contains(where: { name.hasPrefix("\($0.name).") }) {
      throw error(
        .unsupported(feature: "`state.\(name)`", reason: "no sublayer draws it at random"))
    }
    for (place, part) in parts {
      let own = drawn.filter { $0.key.hasPrefix("\(place).") }
      try part.inject(
        Dictionary(
          uniqueKeysWithValues: own.map { (String($0.key.dropFirst(place.count + 1)), $0.value) }))
    }
  }
}
