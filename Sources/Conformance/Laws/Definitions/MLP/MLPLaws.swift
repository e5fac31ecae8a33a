internal import Catalogue
internal import Foundation
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// F02: with one hidden unit that reads and writes one channel, an activation alone has its
  /// documented values, also a billionth beside its kinks; gelu(x) − gelu(−x) = x.
  static let activationSpec = Law(
    .activationSpec, trials: 24, witness: "smeluSteep", needs: [.definition("mlp")],
    plan: ScenarioPlan { draft in
      [
        .number("channel", below: draft.query.last ?? 1),
        .tensor("numbers", [8], fills: .only(.normal)),
      ]
    }
  ) { setting, trial in
    let part = try setting.part()
    let channel = try setting.number("channel")
    try part.load(setting.alone([("1", 1), ("2", 1)], part, channel), strict: false)
    let billionth = 1 / 1e9
    let near = [-2.0, 0, 2].flatMap { [$0 - billionth, $0, $0 + billionth] }
    let positive = try (near + [0.5, 1, 30] + setting.extra("numbers").doubles()).map(abs)
    let numbers = positive + positive.map { -$0 }
    let output = try part.run(["inputs": setting.tokens(numbers, channel)]).index(-1, channel)
    let name = try setting.definition.options["activation"]?.string
    try trial.equal(
      output.reshaped([numbers.count]),
      Tensor(numbers.map { try documentedActivation(name, $0) }, shape: [numbers.count]), .exact(),
      label: "values of \(name ?? "none")")
    guard name == "gelu" else { return }
    let (right, left) = try (
      output.slice(1, 0..<positive.count), output.slice(1, positive.count..<numbers.count)
    )
    try trial.equal(
      right - left, Tensor(positive, shape: [1, positive.count]), .exact(), label: "oddness of gelu"
    )
  }

  /// F04: outputs and all derivatives are those of the definition in elementary operations, also at
  /// kinks.
  static let fusedEqualsPlain = Law(
    .fusedEqualsPlain, trials: 24, witness: "gradHiddenDoubled", needs: [.definition("mlp")],
    plan: ScenarioPlan(fills: .small) { draft in [.tensor("cotangent", draft.output)] }
  ) { setting, trial in
    let (part, inputs) = try (setting.part(), setting.inputs())
    let call = try DifferentiableCall(part, inputs, setting.claims)
    let naives = setting.subject.naives
    try trial.equal(
      call.output(), naives.evaluate(part, inputs), .exact(), label: "the definition")
    let cotangent = try setting.extra("cotangent")
    let plain = try naives.derivatives(part, inputs, cotangent)
    for (name, derivative) in try call.derivatives([cotangent])[0].sorted(by: { $0.key < $1.key }) {
      try trial.equal(
        derivative, plain.tensor(name), .exact(), label: "the derivative by \(name)")
    }
  }

  /// F05: without biases, f(a·x) = aᵈ·f(x) for a > 0, where d is 1 for a linear function between the
  /// layers, relu and its leaky form, and 2 for the square of relu and a gate of relu.
  static let homogeneity = Law(
    .homogeneity, trials: 16, witness: "hiddenOffsetAlways",
    needs: [Need("not homogeneous") { $0.degree != nil }],
    plan: ScenarioPlan(fills: .small) { _ in [.number("factor", below: 3)] }
  ) { setting, trial in
    let part = try setting.part()
    // Powers of two change no digit.
    let factor = [0.25, 4, 8][try setting.number("factor")]
    let inputs = try setting.inputs()
    let scaled = try inputs.mapValues { try $0 * factor }
    try trial.equal(
      part.run(scaled), part.run(inputs) * pow(factor, setting.claims.degree ?? 1), .exact(),
      label: "a factor of the input")
  }
}

extension Claims {
  /// The power of a factor of the input in the output; nil if there is no such power.
  fileprivate var degree: Double? {
    guard let definition, !definition.parameters.keys.contains(where: { $0.hasPrefix("b") }) else {
      return nil
    }
    switch (definition.oracle, definition.options["activation"]?.string) {
    case ("mlp", nil), ("mlp", "relu"), ("mlp", "leaky_relu"): return 1
    case ("mlp", "squared_relu"), ("gated_linear_unit", "relu"): return 2
    default: return nil
    }
  }
}

/// An activation by its name in configurations; without a name, the identity.
func documentedActivation(_ name: String?, _ x: Double) throws -> Double {
  switch name {
  case nil: return x
  case "relu": return max(x, 0)
  case "leaky_relu": return max(x, 0.01 * x)
  case "gelu": return 0.5 * x * (1 + erf(x / 2.squareRoot()))
  case "squared_relu": return pow(max(x, 0), 2)
  case "star_relu": return 0.8944 * pow(max(x, 0), 2) - 0.4472
  case "smelu": return abs(x) <= 2 ? pow(x + 2, 2) / 8 : max(x, 0)
  case let other?: throw KitError("no values of the activation `\(other)`")
  }
}

extension Setting {
  /// A state in which all parameters of a feedforward are 0, except the weights between one channel
  /// and the first hidden unit.
  ///
  /// - `weights`: those weights, by the number of their layer; the last layer writes the channel.
  func alone(_ weights: [(layer: String, weight: Double)], _ part: any PartModule, _ channel: Int)
    throws -> [String: Tensor]
  {
    var state: [String: Tensor] = [:]
    for (role, key) in try definition.parameters {
      let shape = try part.stateDict.tensor(key).shape
      var values = Array(repeating: 0.0, count: shape.reduce(1, *))
      if let weight = weights.first(where: { role == "w\($0.layer)" }) {
        values[weight.layer == weights.last?.layer ? channel * shape[1] : channel] = weight.weight
      }
      state[key] = try Tensor(values, shape: shape)
    }
    return state
  }

  /// A token for each number, which stands in one channel; the others are 0.
  func tokens(_ numbers: [Double], _ channel: Int) throws -> Tensor {
    let width = scenario.lengths[.modelWidth]
    return try Tensor(
      numbers.flatMap { number in (0..<width).map { $0 == channel ? number : 0 } },
      shape: [1, numbers.count, width])
  }
}
