internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A02: an output depends on the values of exactly the keys it may see.
  ///
  /// Rejects `maskTiled` in 18% of trials, which sets the budget.
  static let receptiveField = Law(
    .receptiveField, trials: 72, witness: "windowPlusOne", needs: [.exactPattern],
    judging: ["pattern"],
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

/// Which outputs move with each key's value: for each key one Bool per query of each item, items
/// outermost.
func dependence(_ part: any PartModule, _ call: AttentionCall) throws -> [[Bool]] {
  let before = try part.run(call.tensors)
  return try (0..<call.keys).map { key in
    let changed = try call.with(value: call.value.moving(token: key, by: 1e4))
    return try movedRows(part.run(changed.tensors), before)
  }
}
