internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Need {
  /// The part is defined as a Linformer attention.
  static let linformer = Need.definition("linformer")
  /// There is one projected slot.
  static let oneSlot = option("more than one slot", "k") { $0?.int == 1 }
}

extension Law {
  /// LIN1: projections whose slots each pick one token give full attention over the picked tokens;
  /// with as many slots as tokens they are the identity, and nothing is left out.
  ///
  /// Slot a picks token a mod S. Columns of the projections beyond the tokens stay as drawn.
  static let identityProjection = Law(
    .identityProjection, trials: 25, witness: "linformerSlotScale", needs: [.linformer],
    plan: ScenarioPlan(fills: .distinct, masks: .none, minimumLength: 2)
  ) { setting, trial in
    let part = try setting.part()
    var inputs = try setting.inputs()
    let projection = try part.stateDict.tensor(setting.key(of: "E")).detached()
    let (slots, length) = (projection.size(0), try inputs.tensor("k").size(-2))
    trial.classify("k = S", slots == length)
    let picked = (0..<slots).map { $0 % length }
    let picking = try Tensor.cat(
      [
        Tensor.identity(length, projection.dtype).picked(0, picked),
        projection.slice(1, length..<projection.size(1)),
      ], 1)
    try part.load(
      [setting.key(of: "E"): picking, setting.key(of: "F"): picking], strict: false)
    let output = try part.run(inputs)
    for name in ["k", "v"] { inputs[name] = try inputs.tensor(name).picked(-2, picked) }
    try trial.equal(output, setting.fullAttention(inputs), .exact(), label: "full attention")
  }
}
