internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LOC1: local attention is full attention with a band as its mask, and an even window throws.
  ///
  /// Rejects `windowPlusOne`, which sets the budget, in a share of 0.4 of trials.
  static let bandedMask = Law(
    .bandedMask, trials: 32, witness: "windowPlusOne", needs: [.definition("local")],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let window = try LocalWindow(part)
    let call = try AttentionCall(setting, part)
    var visibility = try Visibility(call)
    visibility.restrict(window.allows)
    try trial.equal(
      part.run(call.tensors), plainAttention(call, visibility), .exact(),
      label: "full attention with a band")
    // A key that holds something else than the width, such as half of it, cannot ask for an even one.
    let wider = JSON.integer(window.size + 2)
    guard !window.isCausal,
      let key = try setting.key(setting: LocalWindow.option, to: wider)
    else { return }
    trial.refuses(key: key, label: "an even window") {
      _ = try setting.part([key: .integer(window.size + 1)])
    }
  }
}
