internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// ORT3: equal queries give full attention, since every landmark is then that query.
  ///
  /// Whatever the rule, as long as landmarks come from queries alone.
  static let constantQuery = Law(
    .constantQuery, trials: 25, witness: "orthoformerUnitLandmarks",
    needs: [.orthoformer, .approximate, .queryLandmarks],
    plan: ScenarioPlan(fills: .distinct, masks: .none, minimumLength: 2)
  ) { setting, trial in
    var inputs = try setting.inputs()
    let query = try inputs.tensor("q")
    inputs["q"] = try query.slice(-2, 0..<1).expanded(query.shape)
    try trial.equal(
      setting.part().run(inputs), setting.fullAttention(inputs), .exact(), label: "full attention")
  }
}
