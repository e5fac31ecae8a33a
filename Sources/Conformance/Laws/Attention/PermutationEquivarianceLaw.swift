internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A12: queries in another order give outputs in that order.
  ///
  /// Rejects `distanceBias`, which sets the budget, in a share of 0.35 of trials.
  static let permutationEquivariance = Law(
    .permutationEquivariance, trials: 36, witness: "distanceBias", needs: [.queryEquivariant],
    plan: ScenarioPlan(fills: .small) { draft in [.order("order of queries", of: draft.queries)] }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let order = try setting.order("order of queries")
    let changed = try call.with(
      query: call.query.picked(-2, order), mask: call.mask?.picked(-2, order))
    try trial.equal(
      part.run(changed.tensors), part.run(call.tensors).picked(-2, order), .exact(),
      label: "queries in another order")
  }
}
