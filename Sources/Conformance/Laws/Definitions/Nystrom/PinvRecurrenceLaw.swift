internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// NYS3: with R = I − K₂ Z, n iterations make R₀ = I − K₂ K₂ᵀ/c pass n times through
  /// R' = ¾R³ + ¼R⁴, and one iteration more makes it pass once more.
  ///
  /// c is the largest column sum of each K₂, or of the batch. Tolerance × κ₂(K₁)·κ₂(K₃), by which
  /// Z is recovered from outputs.
  static let pinvRecurrence = Law(
    .pinvRecurrence, trials: 39, witness: "pinvCoefficient",
    needs: [.nystrom, .approximate, .iterativeInverse, .noConvolution, .freeValueWidth],
    of: .itself, plan: ScenarioPlan(fills: .distinct, masks: .none, minimumLength: 4)
  ) { setting, trial in
    let landmarks = try setting.landmarks
    try trial.assume(landmarks < setting.scenario.lengths[.keyLength])
    let iteration = try PinvIteration(setting)
    try trial.assume(iteration.recovery <= 1e6)
    let steps = try setting.option("inv_iterations", default: 6)
    trial.classify("m ≥ 2", landmarks >= 2)
    trial.classify("S < m", !iteration.isSquare)
    let residual = try iteration.residual(setting.part())
    let tolerance = Tolerance.exact(condition: iteration.recovery)
    try trial.equal(
      residual, PinvIteration.stepped(iteration.start, steps), tolerance,
      label: "from the start")
    if let next = try setting.config(defining: [OptionChange("inv_iterations", steps + 1)]) {
      try trial.equal(
        iteration.residual(setting.part(in: next)), PinvIteration.stepped(residual, 1), tolerance,
        label: "one step")
    }
  }
}
