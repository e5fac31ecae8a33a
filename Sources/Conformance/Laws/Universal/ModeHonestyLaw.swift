internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U19: training differs from evaluation exactly if dropout is configured, and dropout does not
  /// affect evaluation.
  ///
  /// For a part that redraws in training, the draws are fixed first.
  static let modeHonesty = Law(
    .modeHonesty, trials: 16, witness: "dropoutIgnored",
    needs: [Need("no dropout") { $0.dropout.key != nil }],
    plan: ScenarioPlan(
      fills: .only(.normal), dropout: false, minimumLength: 2, emptyRows: false)
  ) { setting, trial in
    guard let key = setting.claims.dropout.key else { return }
    let inputs = try setting.inputs()
    let plain = try setting.part()
    let output = try plain.run(inputs)
    plain.train()
    if setting.claims.redrawsInTraining != nil { try plain.inject(plain.drawn) }
    try trial.unchanged(plain.run(inputs), output, label: "training without dropout")

    let dropping = try setting.part([key: 0.5])
    try trial.unchanged(dropping.run(inputs), output, label: "evaluation with dropout")
    // Dropout only shows where there is something to drop.
    let isSomething = try output.abs().maximum().item() > 0
    trial.cover(atLeast: 5, "something to drop", isSomething)
    guard isSomething else { return }
    dropping.train()
    let isSame = try compare(dropping.run(inputs), output, .bits).isEqual
    trial.expect(
      !isSame, label: "training with dropout",
      "with `\(key)` at 0.5 the output in training is bit-equal to evaluation")
  }
}
