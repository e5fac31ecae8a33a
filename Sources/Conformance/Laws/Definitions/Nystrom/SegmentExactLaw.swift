internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// NYS2: with queries and keys constant on each segment, and the exact inverse, the result is
  /// full attention, whether or not m divides the length.
  ///
  /// Then each row of K₁ is a row of K₂, and K₂ K₂⁺ = I wherever the rows of K₂ are independent.
  /// Padding keeps this for real queries, unless it leaves fewer landmarks of keys than of queries;
  /// then it is taken away. Tolerance × κ₂(K₂), the largest among the items.
  static let segmentExact = Law(
    .segmentExact, trials: 33, witness: "nystromLongSegmentsFirst",
    needs: [.nystrom, .approximate, .exactInverse, .noConvolution],
    plan: ScenarioPlan(fills: .distinct, minimumLength: 4)
  ) { setting, trial in
    let landmarks = try setting.landmarks
    var problem = try NystromProblem(setting, landmarks: landmarks, isConstant: true)
    if try setting.isTall(problem) { problem.inputs["key_padding_mask"] = nil }
    let keys = try problem.keys.size(1)
    try trial.assume(landmarks < keys)
    let condition = try setting.middleCondition(problem)
    try trial.assume(condition <= 1e6)
    trial.classify("m divides T", keys % landmarks == 0)
    trial.classify("S < m", try problem.queries.size(1) < landmarks)
    let inputs = problem.inputs
    try trial.equal(
      setting.realQueries(setting.part().run(inputs), inputs),
      setting.realQueries(setting.fullAttention(inputs), inputs), .exact(condition: condition),
      label: "full attention")
  }
}
