internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LAM3: without relative positions, one vector added to every key changes nothing, and equal
  /// values c give oₙ = (Σ_d qₙ_d)·c, since the weights of each channel sum to 1.
  static let keyShift = Law(
    .keyShift, trials: 20, witness: "lambdaChannelSoftmax", needs: [.lambda],
    plan: ScenarioPlan(fills: .distinct, minimumLength: 2) { draft in
      [.tensor("direction", Array(draft.key.suffix(1)))]
    }
  ) { setting, trial in
    let table = try LambdaTable(setting)
    let zero = try table.drawn * 0
    var inputs = try setting.inputs()
    let (query, key) = (try inputs.tensor("q"), try inputs.tensor("k"))
    let output = try table.run(zero, inputs)
    var moved = inputs
    moved["k"] = try key + setting.extra("direction") * 3
    try trial.equal(table.run(zero, moved), output, .exact(), label: "one vector in every key")
    let value = try inputs.tensor("v")
    let constant = try value.slice(-2, 0..<1) + 1
    inputs["v"] = try constant.expanded(value.shape)
    try trial.equal(
      table.run(zero, inputs), query.sum(-1, keep: true) * constant, .exact(),
      label: "equal values")
  }
}
