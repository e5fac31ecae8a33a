internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LAM2: the output is linear in the queries, and linear in the values.
  static let queryLinear = Law(
    .queryLinear, trials: 20, witness: "lambdaQueryNormalised", needs: [.lambda],
    plan: ScenarioPlan(fills: .distinct)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let output = try part.run(inputs)
    let generator = Generator(seed: trial.seed)
    for name in ["q", "v"] {
      let own = try inputs.tensor(name)
      let other = try Tensor.normal(own.shape, own.dtype, generator: generator)
      var (second, mixed) = (inputs, inputs)
      second[name] = other
      mixed[name] = try own * 2 - other * 0.5
      try trial.equal(
        part.run(mixed), output * 2 - part.run(second) * 0.5, .exact(), label: "linear in \(name)")
    }
  }
}
