internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A20: scaling one query by two orders of magnitude leaves all other outputs bit-equal.
  static let rowIndependence = Law(
    .rowIndependence, trials: 16, witness: "softmaxGlobalMax", dtypes: [.float64, .float32],
    needs: [.queryEquivariant], plan: ScenarioPlan(minimumLength: 2)
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let query = try call.query
    guard query.size(-2) > 1 else { return }
    let rest = 1..<query.size(-2)
    let louder = try Tensor.cat([query.slice(-2, 0..<1) * 300, query.slice(-2, rest)], -2)
    try trial.unchanged(
      part.run(call.with(query: louder).tensors).slice(-2, rest),
      part.run(call.with().tensors).slice(-2, rest), label: "outputs of the other queries")
  }
}
