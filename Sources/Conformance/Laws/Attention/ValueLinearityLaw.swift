internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A15: the output is linear in the values.
  static let valueLinearity = Law(
    .valueLinearity, trials: 24, witness: "linformerValueGated",
    needs: [Need("not linear in values", Capability("linearInValue", \.linearInValue))],
    plan: ScenarioPlan(fills: .small) { draft in [.tensor("other values", draft.value)] }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let value = try call.value
    let other = try setting.extra("other values")
    func run(_ value: Tensor) throws -> Tensor { try part.run(call.with(value: value).tensors) }
    try trial.equal(
      run(value * 2 - other * 0.5), run(value) * 2 - run(other) * 0.5,
      trial.tolerance(setting, part, call.tensors), label: "a combination of values")
  }
}
