public import JSON
public import Parts
internal import Properties
internal import Synchronization
public import Torch

/// A scenario in which a law judges a part: builds the part, makes the tensors, runs it.
public struct Setting: Sendable {
  /// The part under judgement.
  public let subject: Subject
  /// The generated call.
  public let scenario: Scenario
  /// The floating type of the cell.
  public let dtype: DType
  /// The parts made in it.
  let made = MadeParts()

  /// Sets a scene.
  public init(subject: Subject, scenario: Scenario, dtype: DType) {
    self.subject = subject
    self.scenario = scenario
    self.dtype = dtype
  }

  /// What the part claims for this call.
  public var claims: Claims { scenario.claims }

  /// The part in evaluation mode at the cell's type, its parameters drawn anew.
  ///
  /// - Parameters:
  ///   - overrides: keys of the configuration with other values, by path.
  ///   - settled: whether a part that claims to renew its draws keeps those of a first call, so that
  ///     calls can be compared.
  public func part(_ overrides: [String: JSON] = [:], settled: Bool = true) throws
    -> any PartModule
  {
    var config = scenario.config
    for (path, value) in overrides {
      config = OptionAxis.setting(
        value, at: path.split(separator: ".").map(String.init)[...], in: config)
    }
    let part = try subject.build(config, seed: scenario.parameterSeed)
    made.add(part)
    // Initial values are often special: zeros, or too small to tell terms apart.
    let generator = Generator(seed: scenario.parameterSeed &+ 1)
    var state: [String: Tensor] = [:]
    for (key, value) in part.parameters.sorted(by: { $0.key < $1.key }) {
      let scale = value.rank > 1 ? 1 / Double(value.size(-1)).squareRoot() : 0.5
      state[key] = try Tensor.normal(value.shape, .float64, generator: generator) * scale
    }
    try part.load(state, strict: false)
    try part.to(dtype)
    try part.reseed(scenario.parameterSeed)
    part.eval()
    if let path = scenario.path { part.choosing?.path = path }
    if settled, case .redraws = part.claims.evalDeterminism {
      // Of the lengths of the call; its masks may be for other options.
      var inputs = try self.inputs()
      for mask in ["att_mask", "key_padding_mask"] { inputs[mask] = nil }
      _ = try withoutGrad { try part.run(inputs) }
      try part.inject(part.drawn)
    }
    return part
  }

  /// The tensors of the call at the cell's type.
  public func inputs() throws -> [String: Tensor] {
    var made: [String: Tensor] = [:]
    for input in scenario.inputs { made[input.name] = try tensor(input) }
    return try moderated(made)
  }

  /// One tensor of the call.
  func tensor(_ input: Scenario.Input) throws -> Tensor {
    let values = input.recipe.values()
    let shape = input.recipe.shape
    switch input.element {
    case .floating: return try Tensor(values, shape: shape).to(dtype)
    case .truth: return try Tensor(values.map { $0 != 0 }, shape: shape)
    case .index(let bound):
      return try Tensor(
        values.map { value in
          let rest = Int(value.rounded()) % bound
          return rest < 0 ? rest + bound : rest
        }, shape: shape)
    case .additive(let bias):
      let finite = bias?.values() ?? Array(repeating: 0, count: values.count)
      let mixed = zip(values, finite).map { $0 != 0 ? $1 : -Double.infinity }
      return try Tensor(mixed, shape: shape).to(dtype)
    }
  }

  /// Products of queries and keys of at most 1e4, so that rounding stays within every tolerance.
  private func moderated(_ made: [String: Tensor]) throws -> [String: Tensor] {
    guard let query = made["q"], let key = made["k"], query.dtype.isFloating else { return made }
    let width = Double(query.size(-1)).squareRoot()
    let largest = try query.abs().maximum().item() * key.abs().maximum().item() * width
    guard largest > 1e4, largest.isFinite else { return made }
    var result = made
    // A power of two keeps the digits.
    let exponent = (largest / 1e4).exponent / 2 + 1
    let factor = Double(sign: .plus, exponent: -Int(exponent), significand: 1)
    result["q"] = try query * factor
    result["k"] = try key * factor
    return result
  }

  /// What the definition that the part claims gives for tensors, in float64.
  public func expected(_ part: any PartModule, _ inputs: [String: Tensor]) throws -> Tensor {
    try subject.oracles.evaluate(part, inputs)
  }
}

extension PartModule {
  /// What chooses the implementation: the part, or the attention that it dispatches.
  var choosing: (any PathChoosing)? {
    (self as? any PathChoosing) ?? (self as? MultiHeadDispatch)?.attention as? any PathChoosing
  }
}

/// The parts that a law made for one scenario, of which it must have called one.
///
/// Unchecked, since a scenario is judged on one thread.
final class MadeParts: @unchecked Sendable {
  private var parts: [any PartModule] = []

  func add(_ part: any PartModule) { parts.append(part) }

  /// How often they have been called, all together.
  var calls: Int { parts.reduce(0) { $0 + $1.callsByName.load(ordering: .relaxed) } }
}
