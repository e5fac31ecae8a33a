internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FAV1: the mean of φ(q)·φ(k) over 4096 blocks of vectors is the kernel, exp(q·k/√D), or for
  /// vectors of length √D the one that belongs to them (T6).
  ///
  /// Blocks are drawn independently of each other, so that one draw of many is many draws.
  static let kernelUnbiased = Law(
    .kernelUnbiased, trials: 16, witness: "favorRegularisedNorm", needs: [.favor],
    of: .itself,
    plan: ScenarioPlan(fills: .distinct, masks: .none, extras: FavorProblem.tokens)
  ) { setting, trial in
    let problem = try FavorProblem(setting)
    let (a, b) = try problem.tokens(length: 0.7)
    let samples = try problem.estimates(problem.vectors(blocks: 4096), a, b)
    try trial.mean(of: samples, is: problem.kernel(a, b), label: "the kernel")
  }
}
