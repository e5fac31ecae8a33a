internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// RND1: random attention is full attention over the pairs that the part reports, and a pattern
  /// that is injected is used as it is.
  static let drawnPattern = Law(
    .drawnPattern, trials: 32, witness: "patternTransposed", needs: [.definition("random")],
    plan: ScenarioPlan(fills: .small) { draft in
      [.mask("pattern", [draft.queries, draft.queries])]
    }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    func expected() throws -> Tensor {
      var visibility = try Visibility(call)
      let pattern = try RandomPattern(part)
      if setting.claims.causal == .always { visibility.restrict { $1 <= $0 } }
      visibility.restrict { pattern[$0, $1] }
      return try plainAttention(call, visibility)
    }
    try trial.equal(
      part.run(call.tensors), expected(), .exact(), label: "full attention over drawn pairs")

    let given = try setting.extra("pattern")
    try part.inject([RandomPattern.name(part): given])
    let output = try part.run(call.tensors)
    try trial.unchanged(
      RandomPattern(part).tensor.to(.bool), given, label: "the injected pattern reported")
    try trial.equal(output, expected(), .exact(), label: "full attention over injected pairs")
  }
}
