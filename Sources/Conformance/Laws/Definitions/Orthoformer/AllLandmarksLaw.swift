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
    guard let few = try setting.part(defining: "num_landmarks", as: 1) else {
      throw KitError("no key of the configuration sets the number of landmarks")
    }
    var masked = inputs
    masked["att_mask"] = try Tensor.full([queries, keys], 1, .bool)
    for one in [part, few] {
      _ = trial.throwsError(PartError.self, label: "a mask") { _ = try one.run(masked) }
    }
  }
}
