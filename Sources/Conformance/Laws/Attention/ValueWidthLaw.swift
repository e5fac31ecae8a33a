internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A23: the output equals the definition when values are wider or narrower than keys.
  static let valueWidth = Law(
    .valueWidth, trials: 16, witness: "valueWidthRefused",
    needs: [.freeValueWidth, .someDefinition],
    plan: ScenarioPlan(fills: .small) { draft in
      let widest = (draft.query.last ?? 1) + 1
      return [.tensor("values of another width", draft.value.dropLast() + [widest])]
    }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let (width, wider) = (try call.query.size(-1), try setting.extra("values of another width"))
    let tolerance = try trial.tolerance(setting, part, call.tensors)
    for other in [width + 1, width - 1, 1] where other > 0 && other != width {
      let changed = try call.with(value: wider.slice(-1, 0..<other))
      try trial.equal(
        part.run(changed.tensors), setting.expected(part, changed.tensors), tolerance,
        label: "values of another width")
    }
  }
}
