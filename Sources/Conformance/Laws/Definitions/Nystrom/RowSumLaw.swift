internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// NYS6: with the exact inverse, equal values come out unchanged: K₁ K₂⁺ K₃ 1 = 1, since rows of
  /// all three sum to 1 and K₂⁺ K₂ = I.
  ///
  /// That needs as many query landmarks as key landmarks at least, and one real key. Weights may
  /// be negative, and sometimes are, so the result need not lie among the values in general.
  /// Tolerance × κ₂(K₂), the largest among the items.
  static let rowSum = Law(
    .rowSum, trials: 31, witness: "nystromInverseTransposed",
    needs: [.nystrom, .approximate, .exactInverse, .noConvolution],
    plan: ScenarioPlan(fills: .distinct, minimumLength: 2)
  ) { setting, trial in
    let landmarks = try setting.landmarks
    var problem = try NystromProblem(setting, landmarks: landmarks, enoughQueries: true)
    try trial.assume(landmarks < problem.keys.size(1))
    let condition = try setting.middleCondition(problem)
    try trial.assume(condition <= 1e6)
    // Every channel has a value of its own.
    let value = try problem.inputs.tensor("v")
    let constant = try value.slice(-2, 0..<1).expanded(value.shape) + 1
    problem.inputs["v"] = constant
    let inputs = problem.inputs
    let output = try setting.part().run(inputs)
    var expected = try constant.slice(-2, 0..<1).folded().expanded([-1, output.size(-2), -1])
    if let mask = inputs["key_padding_mask"] {
      let some = try mask.any(1, keep: true).marks(for: expected.size(0))
      expected = try expected.filled(0, where: .!some.unsqueezed(-1))
    }
    try trial.equal(
      setting.realQueries(output, inputs),
      setting.realQueries(expected.reshaped(output.shape), inputs), .exact(condition: condition),
      label: "equal values")
  }
}
