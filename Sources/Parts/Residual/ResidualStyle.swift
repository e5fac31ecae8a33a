internal import Catalogue
public import JSON
public import Torch

/// A residual of one of the styles; a subclass says what is normalized and added.
///
/// Beyond the original zoo, every style may multiply what its sublayer gives by a learnt scale of each
/// channel, `layer_scale.gamma`
/// ([Touvron et al., 2021](https://arxiv.org/abs/2103.17239)), and leave it out for some items of a
/// batch in training, see ``StochasticDepth``.
public class ResidualStyle<Config: ResidualOptions>: Module, Residual {
  /// The options.
  public let config: Config
  /// What it promises, given its sublayer.
  public let claims: Claims
  /// The normalization.
  public let norm: any UnaryPart
  /// What is added, a feedforward or a linear layer unless code gives it.
  public let sublayer: Module
  private let gamma: Parameter?
  private let depth: Dropout

  /// The name of the style.
  class var name: String { preconditionFailure("a subclass names its style") }
  /// Whether tokens are normalized before the sublayer, which decides under which keys both are saved.
  public class var normalizesFirst: Bool { false }
  /// What multiplies the input in the sum.
  class func weight(_ config: Config) -> Double { 1 }
  /// What multiplies the initial values of values, output projections and feedforwards in a model.
  public var initialGain: Double { 1 }
  /// The options on which that depends.
  class func depth(_ config: Config) -> JSONObject { [:] }

  /// Builds the normalization and the sublayer.
  ///
  /// - Throws: `PartError` for parts that are unknown or refuse their options.
  public required convenience init(_ config: Config, registry: Registry, generator: Generator)
    throws
  {
    try self.init(config, nil, registry, generator)
  }

  /// Builds the normalization around a sublayer of code.
  ///
  /// - Throws: `PartError` for options of a sublayer, and for a normalization that is refused.
  public required convenience init(
    _ config: Config, around sublayer: Module, registry: Registry, generator: Generator
  ) throws {
    try config.require(
      config.sublayer == nil, "sublayer", "null, since code gives one",
      got: config.sublayer?.description ?? "null")
    try self.init(config, sublayer, registry, generator)
  }

  // The optimiser of Swift 6.3 calls the members of this class instead of those of a subclass here.
  @_optimize(none)
  private init(
    _ config: Config, _ given: Module?, _ registry: Registry, _ generator: Generator
  ) throws {
    try config.require(
      config.style ?? Self.name == Self.name, "style", "\"\(Self.name)\" or nothing",
      got: config.style ?? "null")
    self.config = config
    claims = Self.claims(for: config, registry: registry)
    norm = try Self.normalization(config, registry).build(generator)
    sublayer =
      try given ?? Self.feedforward(config, registry)?.build(generator)
      ?? Linear(config.dNorm, config.dNorm, generator: generator)
    gamma = try config.layerScale.map { try Parameter(Tensor.full([config.dNorm], $0)) }
    depth = Dropout(config.stochasticDepth, perItem: true, generator: generator)
    let inner: [(key: String, member: (any ModuleMember)?)] =
      Self.normalizesFirst
      ? [("layer", Module(["norm": norm, "sublayer": sublayer]))]
      : [("norm", norm), ("sublayer", Module(["layer": sublayer]))]
    super.init(
      members: inner + [
        ("layer_scale", gamma.map { Module(["gamma": $0]) }), ("stochastic_depth", depth),
      ])
  }

  private static func normalization(_ config: Config, _ registry: Registry) throws -> InnerPart {
    try InnerPart(
      config.normalization, .normalization, key: "normalization", width: config.dNorm,
      of: "the residual", in: registry)
  }

  private static func feedforward(_ config: Config, _ registry: Registry) throws -> InnerPart? {
    try config.sublayer.map {
      try InnerPart(
        $0, .feedforward, key: "sublayer", width: config.dNorm, of: "the residual", in: registry)
    }
  }

  /// Maps tokens.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try checkTokens(x, "x", width: config.dNorm)
    return try self([x]) { inputs in
      if let part = sublayer as? any UnaryPart { return try part(inputs[0]) }
      guard let linear = sublayer as? Linear else {
        throw error(
          .unsupported(
            feature: "a call without a sublayer", reason: "code gave one, and calls it itself"))
      }
      return try linear(inputs[0])
    }
  }

  /// Adds what a sublayer gives for the inputs to the first of them, with the normalization of the
  /// style, scaled and at times dropped; an input that is given several times is normalized once.
  public func callAsFunction(_ inputs: [Tensor], _ sublayer: ([Tensor]) throws -> Tensor) throws
    -> Tensor
  {
    let weight = Self.weight(config)
    func branch(_ inner: [Tensor]) throws -> Tensor {
      let output = try sublayer(inner)
      return try depth(gamma.map { try output * $0.value } ?? output)
    }
    func sum(_ inner: [Tensor]) throws -> Tensor {
      try (weight == 1 ? inputs[0] : inputs[0] * weight) + branch(inner)
    }
    guard Self.normalizesFirst else { return try norm(sum(inputs)) }
    var rows: [ObjectIdentifier: Tensor] = [:]
    return try sum(
      inputs.map { input in
        let own = try rows[ObjectIdentifier(input)] ?? norm(input)
        rows[ObjectIdentifier(input)] = own
        return own
      })
  }
}

/// What the options of all residual styles have.
public protocol ResidualOptions: PartConfig {
  /// The width of a token, E, in channels.
  var dNorm: Int { get }
  /// The name of the normalization, or its options with its `name`.
  var normalization: JSON { get }
  /// The name of a feedforward, or its options with its `name`; if null, a linear layer.
  var sublayer: JSON? { get }
  /// The initial value of what multiplies each channel of the sublayer's output; if null, nothing does.
  var layerScale: Double? { get }
  /// The rate at which training leaves out the sublayer, for whole items of a batch.
  var stochasticDepth: Double { get }
  /// The name of the style, which may also be given by this key.
  var style: String? { get }
}

extension ResidualOptions {
  /// Throws unless the width, the scale and the rate are in range.
  func requireResidual() throws(PartError) {
    try require(size: dNorm, "d_norm")
    try require(dropout: layerScale ?? 0, key: "layer_scale")
    try require(dropout: stochasticDepth, key: "stochastic_depth")
  }
}

/// How often the layers of a model are left out in training.
///
/// [Huang et al., 2016](https://arxiv.org/abs/1603.09382): the deeper, the more often.
public enum StochasticDepth {
  /// The rate of a layer under the linear rule, with which that of the last layer is reached in equal
  /// steps from 0.
  ///
  /// - `layer`: from 1 to the number of layers.
  public static func rate(_ last: Double, layer: Int, of layers: Int) -> Double {
    last * (Double(layer) / Double(layers))
  }
}

// MARK: Contract

extension ResidualStyle {
  /// Those of the sublayer, as far as it joins them; of options that are refused, nothing is known.
  public static func claims(for config: Config, registry: Registry) -> Claims {
    let keys = normalizesFirst ? ("layer.norm", "layer.sublayer") : ("norm", "sublayer.layer")
    guard let norm = try? normalization(config, registry).claims,
      let inner = try? feedforward(config, registry)?.claims ?? .linear(width: config.dNorm)
    else { return Claims() }
    var claims = inner
    claims.dtypes.formIntersection(norm.dtypes)
    claims.parameters = [:]
    claims.withoutGradient = []
    var roles: [String: String] = [:]
    for (role, key, part) in [("norm", keys.0, norm), ("sublayer", keys.1, inner)] {
      func full(_ name: String) -> String { "\(key).\(name)" }
      for (name, parameter) in part.parameters { claims.parameters[full(name)] = parameter }
      claims.withoutGradient.formUnion(part.withoutGradient.map(full))
      for (inner, name) in part.definition?.parameters ?? [:] {
        roles["\(role).\(inner)"] = full(name)
      }
    }
    claims.dropout =
      inner.dropout.key.map { key in
        .within(key: "sublayer.\(key)", sites: inner.dropout.sites)
      } ?? .none
    claims.stochasticDepth = "stochastic_depth"
    if let scale = config.layerScale {
      claims.parameters["layer_scale.gamma"] = ParameterClaim([config.dNorm], .constant(scale))
      roles["scale"] = "layer_scale.gamma"
    }
    claims.definition = nil
    if let norm = norm.definition, let inner = inner.definition {
      claims.definition = Definition(
        "residual",
        options: .object(
          depth(config).merging([
            "style": .string(name), "norm": norm.group, "sublayer": inner.group,
          ])),
        parameters: roles)
    }
    return claims
  }

  /// Tokens in, tokens out.
  public var signature: Signature { .tokens(width: config.dNorm) }

  /// The draws of the sublayer.
  public var drawn: [String: Tensor] { (sublayer as? any PartModule)?.drawn ?? [:] }

  /// Passes draws to the sublayer.
  public func inject(_ drawn: [String: Tensor]) throws {
    if let part = sublayer as? any PartModule { return try part.inject(drawn) }
    if let name = drawn.keys.sorted().first {
      throw error(
        .unsupported(feature: "`state.\(name)`", reason: "the part draws nothing at random"))
    }
  }
}
