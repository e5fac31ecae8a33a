internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U19: training differs from evaluation exactly if the key that claims dropout has a rate; no
  /// other key makes them differ.
  ///
  /// For a part that redraws in training, the draws are fixed first.
  static let modeHonesty = Law(
    .modeHonesty, trials: 16, witness: "dropoutIgnored", dtypes: DType.floating,
    judging: ["dropout", "redrawsInTraining"],
    plan: ScenarioPlan(
      fills: .only(.normal), dropout: false, minimumLength: 2, emptyRows: false)
  ) { setting, trial in
    let inputs = try setting.inputs()
    func expectSame(_ part: any PartModule, _ label: String) throws -> Tensor {
      let output = try part.run(inputs)
      part.train()
      if part.claims.redrawsInTraining != nil { try part.inject(part.drawn) }
      try trial.unchanged(part.run(inputs), output, label: label)
      return output
    }
    let output = try expectSame(setting.part(), "training without dropout")
    for key in setting.subject.otherKeys {
      // Most keys take no share.
      guard let part = try? setting.part([key: 0.5]) else { continue }
      _ = try expectSame(part, "training with another `\(key)`")
    }

    // Dropout only shows where there is something to drop.
    let isSomething = try output.abs().maximum().item() > 0
    guard let key = setting.claims.dropout.key else { return }
    trial.cover(atLeast: 5, "something to drop", isSomething)
    guard isSomething else { return }
    let dropping = try setting.part([key: 0.5])
    _ = try dropping.run(inputs)
    dropping.train()
    let isSame = try compare(dropping.run(inputs), output, .bits).isEqual
    trial.expect(
      !isSame, label: "training with dropout",
      "with `\(key)` at 0.5 the output in training is bit-equal to evaluation")
  }
}

extension Subject {
  /// The keys, by path, that no claim of dropout names.
  fileprivate var otherKeys: [String] {
    let nested = entry.nested.flatMap { key, inner in inner.keys.map { "\(key).\($0)" } }
    return (entry.keys + nested).filter { !dropoutKeys.contains($0) }.sorted()
  }
}
