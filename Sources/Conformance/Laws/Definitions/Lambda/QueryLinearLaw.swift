internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LAM2: the output is linear in the queries, and linear in the values.
  static let queryLinear = Law(
    .queryLinear, trials: 20, witness: "lambdaQueryNormalised", needs: [.lambda],
    plan: ScenarioPlan(fills: .distinct) { draft in
      [.tensor("other q", draft.query), .tensor("other v", draft.value)]
    }
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let output = try part.run(inputs)
    for name in ["q", "v"] {
      let own = try inputs.tensor(name)
      let other = try setting.extra("other \(name)")
      var (second, mixed) = (inputs, inputs)
      second[name] = other
      mixed[name] = try own * 2 - other * 0.5
      try trial.equal(
        part.run(mixed), output * 2 - part.run(second) * 0.5, .exact(), label: "linear in \(name)")
    }
  }
}
