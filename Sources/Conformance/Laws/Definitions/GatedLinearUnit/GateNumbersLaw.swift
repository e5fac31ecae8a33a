internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// F14: with one hidden unit whose gate reads x and whose other layer reads 2x, the output is
  /// act(x)·2x: 1.46211716 for SiLU at 1; far below zero it is 0, and its derivative is a number.
  static let gateNumbers = Law(
    .gateNumbers, trials: 8, witness: "activationOnValue",
    needs: [.definition("gated_linear_unit")],
    plan: ScenarioPlan { draft in [.number("channel", below: draft.query.last ?? 1)] }
  ) { setting, trial in
    let numbers = [1, -1, 2, -1000.0]
    let gates = [
      "silu": [0.731058578630005, -0.268941421369995, 1.761594155955765, 0],
      "gelu": [0.841344746068543, -0.158655253931457, 1.954499736103642, 0],
      "relu": [1, 0, 2, 0],
    ]
    guard let name = try setting.definition.options["activation"]?.string, let gate = gates[name]
    else { throw KitError("no numbers for the gate of \(try setting.definition.options)") }
    let part = try setting.part()
    let channel = try setting.number("channel")
    try part.load(setting.alone([("1", 1), ("2", 2), ("3", 1)], part, channel), strict: false)
    let inputs = try setting.tokens(numbers, channel).requireGrad()
    let output = try part.run(["inputs": inputs])
    try trial.equal(
      output, setting.tokens(zip(gate, numbers).map { $0 * 2 * $1 }, channel), .exact(),
      label: "a gate of \(name)")
    let derivative = try output.gradients(
      of: [inputs], cotangent: Tensor.ones(output.shape, .float64))[0]
    trial.expect(
      try derivative?.isFinite().allTrue() ?? false, label: "a finite derivative",
      "the derivative is not finite: \(derivative.map { "\($0)" } ?? "none")")
  }
}
