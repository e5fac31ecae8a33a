internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LOC4: a window two tokens wider shows exactly two more keys, at its rim.
  ///
  /// Rejects `windowPlusOne`, which sets the budget, in every trial.
  static let windowStep = Law(
    .windowStep, trials: 16, witness: "windowPlusOne", needs: [.definition("local")],
    plan: ScenarioPlan(fills: .small, minimumLength: 2)
  ) { setting, trial in
    let narrow = try setting.part()
    let window = try LocalWindow(narrow)
    let wide = try setting.part(defining: OptionChange(LocalWindow.option, window.size + 2))
    let call = try AttentionCall(setting, narrow).gentle
    let masks = try Visibility(call)
    // One at each side, or causal two in the past.
    func isRim(_ query: Int, _ key: Int) -> Bool {
      window.isCausal
        ? [window.size + 1, window.size + 2].contains(query - key)
        : abs(query - key) == (window.size + 1) / 2
    }
    var rim = masks
    rim.restrict(isRim)
    trial.cover(0.1, "a key at the rim", !rim.isEmpty)
    let sets = zip(try dependence(narrow, call), try dependence(wide, call))
    for (key, (before, after)) in sets.enumerated() {
      func place(_ row: Int) -> String {
        "key \(key) for query \(row % masks.queries) of item \(row / masks.queries)"
      }
      let expected = before.indices.map { rim[$0 / masks.queries, $0 % masks.queries, key] }
      trial.dependence(
        zip(before, after).map { !$0 && $1 }, equals: expected, label: "keys that are added",
        row: place)
      trial.dependence(
        zip(before, after).map { $0 && !$1 }, equals: before.map { _ in false },
        label: "keys that are lost", row: place)
    }
  }
}
