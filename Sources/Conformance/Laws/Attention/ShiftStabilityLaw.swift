internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A16: one vector added to every key changes nothing, within the condition of the shift.
  ///
  /// Rejects `softmaxNoMax`, which sets the budget, in a share of 0.7 of trials.
  static let shiftStability = Law(
    .shiftStability, trials: 16, witness: "softmaxNoMax", needs: [.softmaxOverProducts],
    plan: ScenarioPlan(fills: .small) { draft in
      [.tensor("direction", Array(draft.query.suffix(1)))]
    }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let before = try part.run(call.tensors)
    let width = try call.query.size(-1)
    let direction = try setting.extra("direction")
    // Moved by a thousand, the exponentials of most logits are no longer finite.
    for size in [1.0, 1000] {
      let shift = try direction * size
      // All logits of a query move by this much, and lose as many digits.
      let move =
        try (call.query * shift).sum(-1).abs().maximum().item() / Double(width).squareRoot()
      try trial.equal(
        part.run(call.with(key: call.key + shift).tensors), before, .exact(condition: 1 + move),
        label: "all keys moved")
    }
  }
}
