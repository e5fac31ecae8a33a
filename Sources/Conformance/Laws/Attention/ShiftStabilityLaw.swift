internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A16: adding one vector to every key changes nothing, up to the condition of the shift.
  ///
  /// Rejects `softmaxNoMax` in 70% of trials, which sets the budget.
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
    // Shifted by a thousand, the exponentials of most logits overflow or vanish.
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
