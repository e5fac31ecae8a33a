internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// GLO1: global attention is full attention over the pairs of which one token is global; causal,
  /// over those of the past and each token with itself.
  static let maskUnion = Law(
    .maskUnion, trials: 36, witness: "globalRowsLost", needs: [.definition("global")],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let tokens = try GlobalTokens(part)
    let call = try AttentionCall(setting, part)
    var visibility = try Visibility(call)
    visibility.restrict(tokens.allows)
    try trial.equal(
      part.run(call.tensors), plainAttention(call, visibility), .exact(),
      label: "full attention over pairs with a global token")
  }
}
