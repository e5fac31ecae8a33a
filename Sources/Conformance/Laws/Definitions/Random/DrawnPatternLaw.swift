internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// RND1: random attention equals full attention over the reported pairs, and an injected pattern
  /// is used unchanged, or for a shorter call its first rows and columns.
  static let drawnPattern = Law(
    .drawnPattern, trials: 32, witness: "patternTransposed", needs: [.definition("random")],
    plan: ScenarioPlan(fills: .small) { draft in
      [.mask("pattern", [draft.queries + 2, draft.queries + 2])]
    }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    func expected() throws -> Tensor { try RandomPattern(part).attention(call, setting) }
    try trial.equal(
      part.run(call.tensors), expected(), .exact(), label: "full attention over drawn pairs")

    let longer = try setting.extra("pattern")
    let length = longer.size(0) - 2
    let given = try longer.slice(0, 0..<length).slice(1, 0..<length)
    for pattern in [longer, given] {
      try part.inject([RandomPattern.name(part): pattern])
      let output = try part.run(call.tensors)
      try trial.unchanged(
        RandomPattern(part).tensor.to(.bool), given, label: "the injected pattern reported")
      try trial.equal(output, expected(), .exact(), label: "full attention over injected pairs")
    }
  }
}
