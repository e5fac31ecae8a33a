internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// M11: through projections, and through two layers, no output depends on a later token; the same
  /// configuration without causality lets later tokens in.
  static let moduleCausality = Law(
    .moduleCausality, trials: 16, witness: "splitNoTranspose", needs: [.causal],
    plan: ScenarioPlan(fills: .small, masks: .none, minimumLength: 2)
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
    // Other options of a configuration may need it.
    guard let open = try setting.withoutCausality else { return }
    // A change of the last token alone may be out of sight of the first; each sees its successor.
    let changed = try query.shifted(from: 1, by: 5)
    let isSame = try compare(
      open.run(["query": changed]).slice(1, 0..<1),
      open.run(["query": query]).slice(1, 0..<1), .bits
    ).isEqual
    trial.cover(atLeast: 1, "without causality later tokens count", !isSame)
  }

  /// M12: outputs are dropped one by one after the last projection, at the rate that was asked for, and
  /// the others scaled up; in evaluation nothing is.
  ///
  /// The count of what is kept is binomial: it may be off by 6.11 standard deviations, once in 10⁹.
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
      // What the attention itself does while training is not asked here.
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
        "\(kept) of \(count) are kept at the rate \(rate)")
    }
    let all = try DispatchProblem(setting) { $0.residualDropout = 1 }.dispatch
    all.train()
    all.attention.eval()
    try trial.unchanged(all.run(inputs), output * 0, label: "all dropped")
  }
}
