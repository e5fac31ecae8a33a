internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A16: one vector added to every key changes nothing, within the condition of the shift.
  static let shiftStability = Law(
    .shiftStability, trials: 16, witness: "softmaxNoMax", needs: [.softmaxOverProducts],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let width = try call.query.size(-1)
    let size = [1.0, 30, 1000][Int(trial.seed % 3)]
    let shift =
      try Tensor.normal([width], .float64, generator: Generator(seed: trial.seed)) * size
    // All logits of a query move by this much, and lose as many digits.
    let move = try (call.query * shift).sum(-1).abs().maximum().item() / Double(width).squareRoot()
    try trial.equal(
      part.run(call.with(key: call.key + shift).tensors), part.run(call.tensors),
      .exact(condition: 1 + move), label: "all keys moved")
  }
}
