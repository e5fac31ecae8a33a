internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LIN2: with one slot each output is F v, whatever queries, keys and their projection are.
  static let rankOne = Law(
    .rankOne, trials: 20, witness: "linformerSharedProjection", needs: [.linformer, .oneSlot],
    plan: ScenarioPlan(fills: .distinct)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let value = try inputs.tensor("v")
    let marks = try inputs["key_padding_mask"]?.marks(for: value.folded().size(0))
    let projection = try part.stateDict.tensor(setting.key(of: "F"))
    let row = try projection.slice(1, 0..<value.size(-2)).matmul(value.folded().keeping(marks))
    let output = try part.run(inputs)
    try trial.equal(
      output, row.expanded([-1, output.size(-2), -1]).reshaped(output.shape), .exact(),
      label: "the projected value")
    try part.load(
      [setting.key(of: "E"): part.stateDict.tensor(setting.key(of: "E")) * -2 + 1], strict: false)
    var others = inputs
    for name in ["q", "k"] { others[name] = try inputs.tensor(name) * -3 + 0.5 }
    try trial.equal(
      part.run(others), output, .exact(), label: "other queries, keys and projection")
  }
}
