internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LIN4: E projects keys and F values: without E each output is the mean of the rows of F v, the
  /// output is linear in F, and reordering the rows of both changes nothing.
  static let projectionRoles = Law(
    .projectionRoles, trials: 20, witness: "linformerRolesSwapped", needs: [.linformer],
    plan: ScenarioPlan(fills: .distinct) { draft in
      let key = draft.scenario.claims.definition?.parameters["F"] ?? ""
      return [.tensor("other projection", draft.part.stateDict[key]?.shape ?? [])]
    }
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let value = try inputs.tensor("v")
    let (keyRole, valueRole) = (try setting.key(of: "E"), try setting.key(of: "F"))
    let keys = try part.stateDict.tensor(keyRole).detached()
    let values = try part.stateDict.tensor(valueRole).detached()
    let marks = try inputs["key_padding_mask"]?.marks(for: value.folded().size(0))
    func output(_ keys: Tensor, _ values: Tensor) throws -> Tensor {
      try part.load([keyRole: keys, valueRole: values], strict: false)
      return try part.run(inputs)
    }

    let blind = try output(keys * 0, values)
    let mean = try values.slice(1, 0..<value.size(-2))
      .matmul(value.folded().keeping(marks)).mean(1, keep: true)
    try trial.equal(
      blind, mean.expanded([-1, blind.size(-2), -1]).reshaped(blind.shape), .exact(),
      label: "mean of the slots")

    let before = try output(keys, values)
    let other = try setting.extra("other projection")
    try trial.equal(
      output(keys, values * 2 - other * 3), before * 2 - output(keys, other) * 3, .exact(),
      label: "linear in the projection of values")

    let turned = Array(0..<keys.size(0)).map { ($0 + 1) % keys.size(0) }
    try trial.equal(
      output(keys.picked(0, turned), values.picked(0, turned)), before, .exact(),
      label: "slots reordered")
  }
}
