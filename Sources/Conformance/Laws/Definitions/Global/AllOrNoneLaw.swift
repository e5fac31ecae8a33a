internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// GLO3: if all tokens are global it is full attention; if none is, it gives 0, or causal the
  /// value of the token itself.
  static let allOrNone = Law(
    .allOrNone, trials: 24, witness: "globalSeesItself", needs: [.definition("global")],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let length = setting.scenario.lengths[.queryLength]
    let all = try setting.part(globalTokens: Array(repeating: true, count: length))
    let call = try AttentionCall(setting, all)
    let isCausal = try GlobalTokens(all).isCausal
    var visibility = try Visibility(call)
    if isCausal { visibility.restrict { $1 <= $0 } }
    try trial.equal(
      all.run(call.tensors), plainAttention(call, visibility), .exact(), label: "all are global")
    let none = try setting.part(globalTokens: Array(repeating: false, count: length))
    visibility.restrict { isCausal && $0 == $1 }
    try trial.equal(
      none.run(call.tensors), plainAttention(call, visibility), .exact(), label: "none is global")
  }
}
