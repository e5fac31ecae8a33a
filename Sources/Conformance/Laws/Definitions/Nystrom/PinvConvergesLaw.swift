internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// NYS4: after as many iterations as bring ρ' = ¾ρ³ + ¼ρ⁴ from ρ₀ = ‖R₀‖₂ below 1e-14, Z is the
  /// inverse of K₂.
  ///
  /// R₀ is symmetric with eigenvalues from 0 below 1, so ρ bounds every eigenvalue of R.
  /// Tolerance × κ₂(K₂)², the largest among the items. With fewer queries than landmarks, K₂ is
  /// wide, and K₂ Z = I is what can be seen.
  static let pinvConverges = Law(
    .pinvConverges, trials: 16, witness: "pinvCoefficient",
    needs: [.nystrom, .approximate, .iterativeInverse, .noConvolution, .freeValueWidth],
    of: .itself, plan: ScenarioPlan(fills: .distinct, masks: .none, minimumLength: 4)
  ) { setting, trial in
    try trial.assume(setting.landmarks < setting.scenario.lengths[.keyLength])
    let iteration = try PinvIteration(setting)
    let condition = try Spectrum.condition(iteration.middle)
    try trial.assume(condition <= 1e3 && iteration.recovery <= 1e6)
    var (radius, steps) = (try Spectrum.singularValues(iteration.start).map { $0[0] }.max() ?? 0, 0)
    while radius >= Threshold.convergedRadius {
      radius = radius * radius * radius * (3 + radius) / 4
      steps += 1
    }
    let enough = try setting.config(defining: [OptionChange("inv_iterations", max(steps, 1))])
    // A part whose number is fixed is asked where that number is enough.
    try trial.assume(enough != nil || setting.option("inv_iterations", default: 6) >= steps)
    let part = try enough.map { try setting.part(in: $0) } ?? setting.part()
    trial.collect("iterations", steps)
    let tolerance = Tolerance.exact(condition: condition * condition)
    if iteration.isSquare {
      try trial.equal(
        iteration.inverse(part), iteration.middle.pseudoInverse(), tolerance, label: "inverse")
    } else {
      try trial.equal(
        iteration.residual(part) + 1,
        iteration.middle.matmul(iteration.middle.transposed()) * 0 + 1,
        tolerance, label: "residual")
    }
  }
}
