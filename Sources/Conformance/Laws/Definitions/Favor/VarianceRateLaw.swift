internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FAV2: with 16 blocks of vectors the variance of φ(q)·φ(k) is a sixteenth of that with one
  /// (T6).
  ///
  /// Over 2000 draws of 16 blocks and 32000 of one, the ratio × 16 must be within 0.75 to 1.33; its
  /// standard error is at most 0.04 for tokens this short.
  static let varianceRate = Law(
    .varianceRate, trials: 16, witness: "favorBlocksRepeated", needs: [.favor],
    of: .itself,
    plan: ScenarioPlan(fills: .distinct, masks: .none, extras: FavorProblem.tokens)
  ) { setting, trial in
    let problem = try FavorProblem(setting)
    let (a, b) = try problem.tokens(length: 0.4)
    let vectors = try problem.vectors(blocks: 2000 * 16)
    let width = vectors.size(0)
    let each = try vectors.reshaped([width, -1, width])
    trial.expect(
      try (each - each.slice(1, 0..<1)).abs().maximum().item() > 0, label: "blocks of vectors",
      "all blocks of vectors are equal")
    let blocks = try problem.estimates(vectors, a, b)
    let several = try blocks.reshaped([2000, 16]).mean(-1)
    func variance(_ samples: Tensor) throws -> Double {
      let mean = try samples.mean(0).item()
      return try ((samples - mean) * (samples - mean)).mean(0).item()
    }
    let one = try variance(blocks)
    // Different blocks may give one estimate, for example for zero tokens; then nothing varies.
    try trial.assume(one > Threshold.noVariance)
    let quotient = try variance(several) * 16 / one
    trial.observe(output: quotient.bitPattern)
    trial.note("16 × the variance of 16 blocks / that of one: \(quotient)")
    trial.expect(
      Threshold.varianceQuotient.contains(quotient), label: "the quotient of variances",
      "16 × the variance of 16 blocks is \(quotient) times that of one")
  }
}
