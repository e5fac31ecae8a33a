internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// NYS8: padding that fills the last c segments is a shorter call with c landmarks fewer, for
  /// every real query.
  ///
  /// What is left of T = m·s + r tokens has the boundaries of m − c segments for every c. Where
  /// one token a segment is left, the shorter call is exact, and only the exact inverse agrees.
  static let paddingTruncation = Law(
    .paddingTruncation, trials: 25, witness: "nystromEmptyLandmarkRow",
    needs: [.nystrom, .approximate, .keyPadding],
    plan: ScenarioPlan(fills: .distinct, masks: .none, sameLength: true, minimumLength: 4)
  ) { setting, trial in
    let length = setting.scenario.lengths[.keyLength]
    let landmarks = max(try setting.landmarks, 2)
    try trial.assume(landmarks < length)
    let part = try setting.part(defining: OptionChange("num_landmarks", landmarks))
    let problem = try NystromProblem(setting, landmarks: landmarks)
    let isIterative = try setting.definition.options["use_razavi_pinverse"]?.bool ?? true
    let segments = Elementary.segments(length, landmarks)
    let value = try problem.inputs.tensor("v")
    let batch = setting.scenario.lengths[.batch]
    for fewer in 1..<landmarks {
      let kept = segments[landmarks - fewer - 1].upperBound
      if kept == landmarks - fewer, isIterative { continue }
      let shorter = try setting.part(defining: OptionChange("num_landmarks", landmarks - fewer))
      var padded = problem.inputs
      padded["key_padding_mask"] = try Tensor(
        (0..<batch * length).map { $0 % length < kept }, shape: [batch, length])
      // What is padding may hold anything.
      padded["v"] = try Tensor.cat(
        [value.slice(-2, 0..<kept), value.slice(-2, kept..<length) + 50], -2)
      let truncated = try problem.inputs.mapValues { try $0.slice(-2, 0..<kept) }
      try trial.equal(
        part.run(padded).slice(-2, 0..<kept), shorter.run(truncated), .exact(),
        label: "truncated")
    }
  }
}
