internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LOC2: a window that reaches every token from every token is full attention.
  ///
  /// Rejects `windowCapped`, which sets the budget, in a share of 0.37 of trials.
  static let wideWindow = Law(
    .wideWindow, trials: 32, witness: "windowCapped", needs: [.definition("local")],
    plan: ScenarioPlan(fills: .small, minimumLength: 2) { _ in
      [.number("steps beyond all tokens", below: 8)]
    }
  ) { setting, trial in
    let length = setting.scenario.lengths[.queryLength]
    let beyond = try setting.number("steps beyond all tokens")
    var sizes = [2 * length - 1, 2 * length + 1 + 2 * beyond]
    // Into the past, the whole window counts.
    if setting.claims.causal == .always { sizes.append(length - 1) }
    for size in sizes {
      let part = try setting.part(defining: OptionChange(LocalWindow.option, size))
      let causal = try LocalWindow(part).isCausal
      let call = try AttentionCall(setting, part)
      var visibility = try Visibility(call)
      if causal { visibility.restrict { $1 <= $0 } }
      try trial.equal(
        part.run(call.tensors), plainAttention(call, visibility), .exact(),
        label: "full attention")
    }
  }
}
