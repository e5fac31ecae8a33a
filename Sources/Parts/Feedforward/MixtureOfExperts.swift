internal import Catalogue
internal import JSON
internal import Synchronization
public import Torch

// @register(feedforward, "MixtureOfExperts", MoEConfig)
/// Several feedforwards, of which each token uses the two that its gate weighs most, or one in turn.
///
/// GShard, [Lepikhin et al., 2020](https://arxiv.org/abs/2006.16668). Each expert serves at most
/// c = ⌈2·n/X⌉ of the n = B·S tokens; first choices go before second ones, then tokens in the order of
/// positions and, within one, of items. A token that no expert serves gets 0. Unlike in the original
/// zoo there is one process, noise on the second choice is drawn in training only, tokens need not be
/// divisible by experts, and ``MixtureOfExperts/auxiliaryLoss(_:)`` gives the term that a loss needs.
/// Every expert computes every token; what the gate leaves out is dropped.
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`.
/// - Complexity: that of all experts.
public final class MixtureOfExperts: Module, Feedforward, CompositePart {
  /// The options.
  public let config: MoEConfig
  /// What the mixture promises, given its experts.
  public let claims: Claims
  /// The experts.
  public let experts: [any Feedforward]
  /// The map to the logits of the experts, `[X, E]`; nil where they take turns.
  public let gate: Linear?

  private struct Draws {
    var injected: Tensor?
    /// The noise of the last call, and its number of tokens.
    var last: (noise: Tensor?, tokens: Int)?
  }

  private let draws = Mutex(Draws())
  private let generator: Generator
  private static let drawName = "noise"

  /// Draws the gate and then each expert by itself.
  ///
  /// - Throws: `PartError` for experts that are unknown, mix tokens or refuse their options.
  public init(_ config: MoEConfig, registry: Registry, generator: Generator) throws {
    self.config = config
    self.generator = generator
    let (entry, options) = try Self.expert(config, registry)
    gate =
      config.gate == .top2
      ? try Linear(config.dimModel, config.numberOfExperts, bias: false, generator: generator) : nil
    experts = try (0..<config.numberOfExperts).map { _ in
      let part = try registry.build(.feedforward, entry.name, options, generator: generator).part
      guard let expert = part as? any Feedforward else {
        preconditionFailure("`\(entry.name)` is registered as a feedforward, but is not one")
      }
      return expert
    }
    claims = Self.claims(for: config, expert: experts[0].claims)
    guard experts[0].claims.tokenWise, experts[0].signature.output == ["B", "S", "E"] else {
      throw PartError(
        .value(
          key: "expert_constructor",
          expected: "a feedforward that maps each token alone, to its width",
          got: "`\(entry.name)`"))
    }
    // The original saves the gate under both keys.
    let router = gate.map { Module(["wg": $0]) }
    let inner: [(key: String, member: (any ModuleMember)?)] =
      [("gate", router)] + experts.enumerated().map { ("experts.\($0)", $1) }
    super.init(["gate": router, "moe": Module(members: inner)])
  }

  /// Maps each token by its experts.
  public func callAsFunction(_ inputs: Tensor) throws -> Tensor {
    let tokens = try queued(inputs)
    let weights = try weights(tokens).to(inputs.dtype)
    var sum: Tensor?
    for (number, expert) in experts.enumerated() {
      let weight = try weights.slice(1, number..<number + 1)
      // What an expert makes of tokens that it does not serve may be infinite.
      let own = try (expert(tokens.unsqueezed(0)) * weight).filled(0, where: weight.equals(0))
      sum = try sum.map { try $0 + own } ?? own
    }
    return try (sum ?? tokens).reshaped([inputs.size(1), inputs.size(0), inputs.size(2)])
      .transposed(0, 1)
  }

  /// The tokens `[n, E]` in the order in which experts serve them: by position, then by item.
  private func queued(_ inputs: Tensor) throws -> Tensor {
    try checkTokens(inputs, "inputs", width: config.dimModel)
    return try inputs.transposed(0, 1).reshaped([inputs.size(0) * inputs.size(1), config.dimModel])
  }

  /// The weight of each expert in each token, `[n, X]`.
  private func weights(_ tokens: Tensor) throws -> Tensor {
    let (count, number) = (tokens.size(0), config.numberOfExperts)
    guard let gate else {
      let turns = (0..<count).flatMap { token in (0..<number).map { $0 == token % number } }
      return try Tensor(turns, shape: [count, number])
    }
    return try TopTwoGate(gate(tokens), noise: noise(count))
      .weights(capacity: (2 * count + number - 1) / number)
  }

  /// The term of a loss that makes a gate use experts alike: the mean over experts of their mean share
  /// and how often they are the first choice. A gate that takes turns has none.
  public func auxiliaryLoss(_ inputs: [String: Tensor]) throws -> Tensor? {
    guard let gate else { return nil }
    let tokens = try queued(NamedInputs(inputs, signature).required("inputs"))
    return try TopTwoGate(gate(tokens)).auxiliaryLoss
  }

  /// Gumbel noise `[n, X]` on the logits of the second choice, if there is a choice.
  private func noise(_ tokens: Int) throws -> Tensor? {
    guard claims.redrawsInTraining != nil else { return nil }
    return try draws.withLock { draws in
      let shape = [tokens, config.numberOfExperts]
      let injected = draws.injected.flatMap { $0.shape == shape ? $0 : nil }
      let noise = try injected ?? (isTraining ? drawNoise(shape) : nil)
      draws.last = (noise, tokens)
      return noise
    }
  }

  private func drawNoise(_ shape: [Int]) throws -> Tensor {
    let uniform = try Tensor.uniform(shape, 0..<1, .float64, generator: generator)
    return try -((-uniform.log()).log())
  }

  /// Starts the draws again, and forgets injected noise.
  public override func reseed(_ seed: UInt64) throws {
    try super.reseed(seed)
    try generator.reseed(seed)
    draws.withLock { $0 = Draws() }
  }

  /// Remembers the noise as well.
  public override func bookmark() throws -> () throws -> Void {
    let (goBack, draws, state) = (
      try super.bookmark(), draws.withLock { $0 }, try generator.state()
    )
    return {
      try goBack()
      try self.generator.restore(state)
      self.draws.withLock { $0 = draws }
    }
  }
}

// MARK: Contract

extension MixtureOfExperts {
  /// The entry of the experts and their options, with those of the mixture filled in.
  private static func expert(_ config: MoEConfig, _ registry: Registry) throws -> (
    entry: PartEntry, options: JSON
  ) {
    let given = config.expertConstructor
    let name = given?.string ?? given?["name"]?.string ?? "MLP"
    let known = registry.entries(.feedforward)
    guard let entry = known.first(where: { $0.name == name }) else {
      throw PartError(
        .value(
          key: "expert_constructor",
          expected: "one of \(known.map(\.name).joined(separator: ", "))", got: "\"\(name)\""))
    }
    var options = given?.object ?? [:]
    let multiplier = config.hiddenLayerMultiplier.map { JSON.integer($0) }
    let shared: [(key: String, value: JSON?, isAsked: Bool)] = [
      ("dim_model", .integer(config.dimModel), true),
      ("dropout", .number(config.dropout), config.dropout > 0),
      ("activation", config.activation.map { .string($0.rawValue) }, config.activation != nil),
      ("hidden_layer_multiplier", multiplier, multiplier != nil),
    ]
    for (key, value, isAsked) in shared {
      guard let value else { continue }
      guard entry.keys.contains(key) else {
        guard isAsked else { continue }
        throw PartError(
          .unsupported(
            feature: "`\(key)`: \(value)", reason: "the experts, \(entry.name), have no such option"
          ))
      }
      let own = options[key] ?? .null
      guard own.isNull || own == value || own.double != nil && own.double == value.double else {
        throw PartError(
          .value(
            key: "expert_constructor.\(key)", expected: "\(value), that of the mixture",
            got: own.description))
      }
      options[key] = value
    }
    let usual = "hidden_layer_multiplier"
    if entry.keys.contains(usual), options[usual]?.isNull ?? true { options[usual] = 4 }
    return (entry, .object(options))
  }

  /// The claims of a gate and its experts; of experts that are refused, nothing is known.
  public static func claims(for config: MoEConfig, registry: Registry) -> Claims {
    guard let (entry, options) = try? expert(config, registry) else {
      return claims(for: config, expert: nil)
    }
    let own = (options.object ?? [:]).filter { entry.keys.contains($0.key) }
    let expert = try? entry.claims(for: .object(JSONObject(own)), in: registry)
    return claims(for: config, expert: expert)
  }

  private static func claims(for config: MoEConfig, expert: Claims?) -> Claims {
    var claims = Claims.ofEachToken
    let (count, hasGate) = (config.numberOfExperts, config.gate == .top2)
    // Two experts have room for all tokens, and three leave a choice.
    let meet = hasGate && count > 2
    claims.tokenWise = !meet
    claims.batchIndependent = hasGate ? !meet : count == 1
    if meet {
      claims.nanIsolation = []
      claims.redrawsInTraining = 1
    }
    var roles: [String: String] = [:]
    if hasGate {
      claims.parameters.addLinear("gate.wg", config.dimModel, count, bias: false)
      roles["gate"] = "gate.wg.weight"
    }
    guard let expert else { return claims }
    claims.dtypes = expert.dtypes
    claims.memoryExponent = expert.memoryExponent
    var sites: [String] = []
    for number in 0..<count {
      for (key, parameter) in expert.parameters {
        claims.parameters["moe.experts.\(number).\(key)"] = parameter
      }
      for key in expert.withoutGradient where expert.parameters[key] != nil {
        claims.withoutGradient.insert("moe.experts.\(number).\(key)")
      }
      sites += expert.dropout.sites.map { "experts.\(number).\($0)" }
      for (role, key) in expert.definition?.parameters ?? [:] {
        roles["experts.\(number).\(role)"] = "moe.experts.\(number).\(key)"
      }
    }
    claims.dropout = expert.dropout.key.map { .within(key: $0, sites: sites) } ?? .none
    claims.definition = expert.definition.map { inner in
      let own = (inner.options.object ?? [:]).merging(["name": .string(inner.oracle)])
      return Definition(
        "mixture_of_experts",
        options: [
          "gate": .string(config.gate.rawValue), "number_of_experts": .integer(count),
          "expert": .object(own),
        ], parameters: roles)
    }
    return claims
  }

  /// Tokens in, tokens out.
  public var signature: Signature { .tokens("inputs", width: config.dimModel) }

  /// The noise of the last call, or what was injected; a call in evaluation has zeros.
  public var drawn: [String: Tensor] {
    draws.withLock { draws in
      guard let (noise, tokens) = draws.last ?? draws.injected.map({ ($0, $0.size(0)) }) else {
        return [:]
      }
      if let noise { return [Self.drawName: noise] }
      let zeros = try? Tensor.zeros([tokens, config.numberOfExperts], .float64)
      return zeros.map { [Self.drawName: $0] } ?? [:]
    }
  }

  /// Takes noise `[n, X]` for calls of that many tokens, in evaluation, too.
  public func inject(_ drawn: [String: Tensor]) throws {
    let known = claims.redrawsInTraining == nil ? [] : [Self.drawName]
    if let name = drawn.keys.sorted().first(where: { !known.contains($0) }) {
      throw error(.unknownTensor(tensor: "state.\(name)", known: known.map { "state.\($0)" }))
    }
    guard let noise = drawn[Self.drawName] else { return }
    guard noise.rank == 2, noise.size(1) == config.numberOfExperts, noise.dtype.isFloating else {
      throw error(
        .shape(
          tensor: "state.\(Self.drawName)", expected: "[n, \(config.numberOfExperts)]",
          got: noise.shape))
    }
    let own = try noise.detached().to(.float64).clone()
    draws.withLock { $0 = Draws(injected: own) }
  }
}
