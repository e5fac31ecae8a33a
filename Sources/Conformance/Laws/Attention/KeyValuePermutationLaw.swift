internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A11: keys in another order, with their values and masks, change nothing.
  ///
  /// Rejects `distanceBias`, which sets the budget, in a share of 0.55 of trials.
  static let keyValuePermutation = Law(
    .keyValuePermutation, trials: 20, witness: "distanceBias", needs: [.keyValueInvariant],
    plan: ScenarioPlan(fills: .small) { draft in [.order("order of keys", of: draft.keys)] }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let order = try setting.order("order of keys")
    var changed = try call.with(
      key: call.key.picked(-2, order), value: call.value.picked(-2, order))
    for name in ["att_mask", "key_padding_mask"] {
      if let mask = call.tensors[name] { changed.tensors[name] = try mask.picked(-1, order) }
    }
    try trial.equal(
      part.run(changed.tensors), part.run(call.tensors), .exact(), label: "keys in another order")
  }
}
