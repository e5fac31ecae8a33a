internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U19: training differs from evaluation exactly if a key that claims dropout has a rate; no
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
    func outputs(_ part: any PartModule) throws -> (evaluation: Tensor, training: Tensor) {
      let output = try part.run(inputs)
      part.train()
      if part.claims.redrawsInTraining != nil { try part.inject(part.drawn) }
      return (output, try part.run(inputs))
    }
    let (output, trained) = try outputs(setting.part())
    try trial.unchanged(trained, output, label: "training without dropout")
    for key in setting.subject.otherKeys {
      // Most keys take no share.
      guard let part = try? setting.part([key: 0.5]) else { continue }
      let (output, trained) = try outputs(part)
      trial.compared()
      try trial.expect(
        compare(trained, output, .bits).isEqual, label: "training with another `\(key)`",
        "with `\(key)` at 0.5 training differs from evaluation; if it is the rate of dropout, write "
          + "claims.dropout = .output(key: \"\(key)\"), or .weights, .inside or .both")
    }

    // Dropout only shows where there is something to drop, and a normalization of two channels leaves
    // nothing but signs.
    let isSomething = try output.abs().maximum().item() > 0 && output.size(-1) > 2
    for key in setting.claims.dropoutKeys {
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
}

extension Subject {
  /// The keys, by path, that no claim of dropout names.
  fileprivate var otherKeys: [String] {
    let nested = entry.nested.flatMap { key, inner in inner.keys.map { "\(key).\($0)" } }
    return (entry.keys + nested).filter { !dropoutKeys.contains($0) }.sorted()
  }
}
