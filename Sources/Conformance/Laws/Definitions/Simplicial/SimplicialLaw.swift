internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension NaiveForm {
  /// softmax(group / temperature) of each of L groups of channels.
  static let simplicial = NaiveForm("simplicial") { call in
    let x = try call.input("x")
    let groups = try x.reshaped([x.size(0), x.size(1), call.integer("L", default: 1), -1])
    // A quotient may leave the range of a narrow type before the number does.
    let gaps = try groups - groups.maximum(-1, keep: true)
    let quotients = try gaps * (1 / (call.options["temperature"]?.double ?? 1))
    return try Elementary.softmax(quotients).reshaped(x.shape)
  }
}

extension Law {
  /// H09: each of the L groups sums to 1; two entries of a group differ in their logarithm by their
  /// difference over the temperature; a number added to a group changes nothing, and another group,
  /// NaN included, does not change a bit.
  static let simplicial = Law(
    .simplicial, trials: 16, witness: "simplicialWholeToken", needs: [.definition("simplicial")],
    plan: ScenarioPlan(fills: .small) { _ in [.number("group", below: 12)] }
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let name = setting.scenario.inputs[0].name
    let x = try inputs.tensor(name)
    let count = try setting.option("L", default: 1)
    func groups(_ x: Tensor) throws -> Tensor {
      try x.reshaped([x.size(0), x.size(1), count, -1])
    }
    let output = try groups(part.run(inputs))
    try trial.equal(
      output.sum(-1), Tensor.ones([x.size(0), x.size(1), count], .float64), .exact(),
      label: "the sum of a group")
    let temperature = try setting.definition.options["temperature"]?.double ?? 1
    let entries = try groups(x) / temperature
    // Where both have digits, which a small share has not.
    let gap = try (entries - entries.maximum(-1, keep: true)).clamp(-30, nil)
    let ratio = try (output / output.maximum(-1, keep: true)).log().clamp(-30, nil)
    try trial.equal(ratio, gap, .exact(), label: "the logarithms of a group")

    let chosen = try setting.number("group") % count
    let mask = try Tensor((0..<count).map { $0 == chosen }, shape: [count, 1])
    let moved = try mask.select(groups(x) + 3, else: groups(x)).reshaped(x.shape)
    try trial.equal(
      groups(part.run([name: moved])), output, .exact(), label: "a number added to a group")
    let rest = (0..<count).filter { $0 != chosen }
    for change in [50.0, .nan] where !rest.isEmpty {
      let changed = try mask.select(groups(x) * change, else: groups(x)).reshaped(x.shape)
      try trial.unchanged(
        groups(part.run([name: changed])).picked(2, rest), output.picked(2, rest),
        label: "\(change) times another group")
    }
  }
}
