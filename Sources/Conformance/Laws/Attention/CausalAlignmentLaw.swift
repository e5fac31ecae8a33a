internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A03: a causal attention offers no alignment of unequal lengths, so that S ≠ T throws.
  ///
  /// Rejects `causalMisaligned` in every trial.
  static let causalAlignment = Law(
    .causalAlignment, trials: 16, witness: "causalMisaligned", needs: [.causal],
    plan: ScenarioPlan(masks: .none, minimumLength: 2)
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part).with()
    let shorter = 1..<(try call.keys)
    let fewerQueries = try call.with(query: call.query.slice(-2, shorter))
    let fewerKeys = try call.with(
      key: call.key.slice(-2, shorter), value: call.value.slice(-2, shorter))
    for (label, changed) in [("fewer queries", fewerQueries), ("fewer keys", fewerKeys)] {
      trial.refuses(changed.wrong("causal with \(label)"), by: part)
    }
  }
}
