internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// M11: no output depends on a later token, through projections and through two layers; without
  /// causality, in the same configuration or in another, later tokens count.
  static let moduleCausality = Law(
    .moduleCausality, trials: 16, witness: "splitNoTranspose", needs: [.causal],
    plan: ScenarioPlan(fills: .small, masks: .none, minimumLength: 2) { _ in
      [.tensor("telling tokens", [1, 25, Lengths.reference[.modelWidth]])]
    }
  ) { setting, trial in
    let part = try setting.part()
    let query = try setting.inputs().tensor("query")
    func layers(_ part: any PartModule, _ x: Tensor) throws -> Tensor {
      try part.run(["query": part.run(["query": x])])
    }
    let (once, twice) = (try part.run(["query": query]), try layers(part, query))
    for position in 1..<query.size(1) {
      for value in [50.0, -50] {
        let changed = try query.shifted(from: position, by: value)
        let rows = 0..<position
        try trial.unchanged(
          part.run(["query": changed]).slice(1, rows), once.slice(1, rows), label: "later tokens")
        try trial.unchanged(
          layers(part, changed).slice(1, rows), twice.slice(1, rows),
          label: "later tokens through two layers")
      }
    }
    // An attention that is always causal has nothing to compare with.
    guard setting.subject.candidates.contains(where: { $0.claims.causal == .option }) else {
      return
    }
    let own = try setting.withoutCausality.map { try letsLaterIn($0, query) } ?? false
    try trial.cover(
      atLeast: 1, "without causality later tokens count", own || someConfigurationIsOpen(setting))
  }

  /// Whether the first output moves with the tokens after it.
  private static func letsLaterIn(_ part: any PartModule, _ tokens: Tensor) throws -> Bool {
    // A change of the last token alone may be out of sight of the first; each sees its successor.
    let changed = try tokens.shifted(from: 1, by: 5)
    return try !compare(
      part.run(["query": changed]).slice(1, 0..<1), part.run(["query": tokens]).slice(1, 0..<1),
      .bits
    ).isEqual
  }

  /// The same for some configuration that is not causal, since that of the trial may need causality
  /// or see little.
  private static func someConfigurationIsOpen(_ setting: Setting) throws -> Bool {
    let tokens = try setting.extra("telling tokens")
    return try setting.subject.candidates.contains { candidate in
      guard candidate.claims.causal == .option else { return false }
      var lengths = Lengths.reference
      guard
        ScenarioPlan(sameLength: true).fit(&lengths, to: candidate.claims)
          || ScenarioPlan(sameLength: true).fit(&lengths, to: candidate.claims)
      else { return false }
      return try letsLaterIn(
        setting.part(in: candidate.config), tokens.slice(1, 0..<lengths[.queryLength]))
    }
  }

  /// M12: in training, outputs are dropped independently after the last projection at the
  /// configured rate and the rest scaled up; in evaluation nothing is dropped.
  ///
  /// The number kept is binomial: it may be off by 6.11 standard deviations, a chance of 1 in 10⁹.
  static let residualDropout = Law(
    .residualDropout, trials: 24, witness: "residualDropoutBefore", needs: [.splitHeads],
    plan: ScenarioPlan(
      fills: .distinct, dropout: false)
  ) { setting, trial in
    let inputs = try setting.inputs()
    let output = try setting.part().run(inputs)
    for rate in [0.25, 0.5] {
      let dispatch = try DispatchProblem(setting) { $0.residualDropout = rate }.dispatch
      try trial.unchanged(dispatch.run(inputs), output, label: "evaluation with dropout")
      dispatch.train()
      // Dropout of the attention itself is not checked here.
      dispatch.attention.eval()
      var (kept, count) = (0.0, 0.0)
      for _ in 0..<8 {
        let dropped = try dispatch.run(inputs)
        let isKept = try .!dropped.equals(0)
        try trial.equal(
          dropped, isKept.select(output * (1 / (1 - rate)), else: output * 0), .exact(),
          label: "what is kept, scaled up")
        let isThere = try .!output.equals(0)
        kept += try (isKept .& isThere).to(.float64).sum().item()
        count += try isThere.to(.float64).sum().item()
      }
      let deviation = (count * rate * (1 - rate)).squareRoot()
      trial.expect(
        abs(kept - count * (1 - rate)) <= Threshold.deviations * max(deviation, 1),
        label: "the share that is kept",
        "\(kept) of \(count) outputs are kept at rate \(rate)")
    }
    let all = try DispatchProblem(setting) { $0.residualDropout = 1 }.dispatch
    all.train()
    all.attention.eval()
    try trial.unchanged(all.run(inputs), output * 0, label: "all dropped")
  }
}
