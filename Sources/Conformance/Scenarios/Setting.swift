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

  /// The power of two by which queries and keys are multiplied.
  private let moderation: Int

  /// Takes a drawn call.
  public init(subject: Subject, scenario: Scenario, dtype: DType) {
    self.subject = subject
    self.scenario = scenario
    self.dtype = dtype
    moderation = scenario.moderation
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
    return try part(in: config, settled: settled)
  }

  /// The same in another configuration.
  ///
  /// - `reseeds`: whether draws restart from the seed of the trial; otherwise a part goes on from how
  ///   it was made.
  /// - `seed`: from which it is made; by default that of the trial.
  func part(
    in config: JSON, settled: Bool = true, reseeds: Bool = true, seed: UInt64? = nil
  ) throws -> any PartModule {
    let part = try subject.build(config, seed: seed ?? scenario.parameterSeed)
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
    if reseeds { try part.reseed(scenario.parameterSeed) }
    part.eval()
    if let path = scenario.path { part.choosing?.path = path }
    if settled, case .redraws = part.claims.evalDeterminism {
      // The lengths of the call decide; its masks may be for other options.
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
    for input in scenario.inputs {
      made[input.name] = try tensor(
        input, times: Scenario.moderated.contains(input.name) ? moderation : 0)
    }
    return made
  }

  /// A tensor of the call, or one that the law draws in addition.
  ///
  /// - Parameter exponent: the power of two by which numbers are multiplied.
  func tensor(_ input: Scenario.Input, times exponent: Int = 0) throws -> Tensor {
    let values = input.recipe.values()
    let shape = input.recipe.shape
    switch input.element {
    case .floating:
      let factor = Double(sign: .plus, exponent: exponent, significand: 1)
      return try Tensor(exponent == 0 ? values : values.map { $0 * factor }, shape: shape).to(dtype)
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

  /// A tensor that the law draws in addition: numbers of the cell's type, or truth values.
  public func extra(_ name: String) throws -> Tensor {
    guard case .tensor(let input) = try value(of: name) else { throw wrongExtra(name, "tensor") }
    return try tensor(input)
  }

  /// A number that the law draws in addition.
  public func number(_ name: String) throws -> Int {
    guard case .number(let number) = try value(of: name) else { throw wrongExtra(name, "number") }
    return number
  }

  /// An order that the law draws in addition.
  public func order(_ name: String) throws -> [Int] {
    guard case .order(let order) = try value(of: name) else { throw wrongExtra(name, "order") }
    return order
  }

  private func value(of name: String) throws -> Extra.Value {
    guard let extra = scenario.extras.first(where: { $0.name == name }) else {
      let known = scenario.extras.map(\.name).joined(separator: ", ")
      throw KitError("the law draws no `\(name)`; its extras are: \(known)")
    }
    return extra.value
  }

  private func wrongExtra(_ name: String, _ wanted: String) -> KitError {
    KitError("the extra `\(name)` of the law is not a \(wanted)")
  }

  /// What the definition that the part claims gives for tensors, in float64.
  public func expected(_ part: any PartModule, _ inputs: [String: Tensor]) throws -> Tensor {
    try subject.oracles.evaluate(part, inputs)
  }
}

extension PartModule {
  /// The part, or the attention that it dispatches: it chooses the implementation.
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
