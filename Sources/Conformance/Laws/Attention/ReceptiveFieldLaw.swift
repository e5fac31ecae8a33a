internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A02: an output depends on the value of exactly the keys that it may see.
  ///
  /// Rejects `maskTiled`, which sets the budget, in a share of 0.18 of trials.
  static let receptiveField = Law(
    .receptiveField, trials: 72, witness: "windowPlusOne", needs: [.exactPattern],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part).gentle
    let visibility = try Visibility(call, setting.claims, part)
    trial.classify("a hidden pair", visibility.hidesSomething)
    for (key, moved) in try dependence(part, call).enumerated() {
      let expected = (0..<visibility.items * visibility.queries).map {
        visibility[$0 / visibility.queries, $0 % visibility.queries, key]
      }
      trial.dependence(moved, equals: expected, label: "dependence on values") { row in
        "with value \(key), query \(row % visibility.queries) of item \(row / visibility.queries)"
      }
    }
  }
}

/// Which outputs move with the value of each key: for each key a truth value for each query of
/// each item, items outermost.
func dependence(_ part: any PartModule, _ call: AttentionCall) throws -> [[Bool]] {
  let before = try part.run(call.tensors)
  return try (0..<call.keys).map { key in
    let changed = try call.with(value: call.value.moving(token: key, by: 1e4))
    return try movedRows(part.run(changed.tensors), before)
  }
}
