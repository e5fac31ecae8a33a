internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// ORT1: with as many landmarks as queries, or as keys, the result is full attention; a mask throws
  /// for any number of landmarks.
  static let allLandmarks = Law(
    .allLandmarks, trials: 33, witness: "orthoformerExactByKeys", needs: [.orthoformer, .exact],
    plan: ScenarioPlan(fills: .distinct)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let (queries, keys) = (try inputs.tensor("q").size(-2), try inputs.tensor("k").size(-2))
    let count = try setting.landmarks
    trial.classify("S ≤ m < T", queries <= count && count < keys)
    trial.classify("T ≤ m < S", keys <= count && count < queries)
    try trial.equal(
      part.run(inputs), setting.fullAttention(inputs), .exact(), label: "full attention")
    let few = try setting.part(defining: OptionChange("num_landmarks", 1))
    var masked = inputs
    masked["att_mask"] = try Tensor.full([queries, keys], 1, .bool)
    for one in [part, few] {
      trial.refuses(
        WrongCall(label: "a mask", inputs: masked, mistake: .mask, blamed: ["att_mask"]), by: one)
    }
  }
}
