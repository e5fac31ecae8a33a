internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FAV8: the root mean square distance to full attention with 64 blocks of vectors is at most half
  /// of that with 4, over 64 pairs of draws (T6); a quarter is what sixteen times the draws give.
  ///
  /// Tokens are at most 1 long. One draw of 64·64 blocks gives all pairs.
  static let converges = Law(
    .converges, trials: 16, witness: "favorBlocksRepeated",
    needs: [.favor, .unbiasedFeatures, .notCausal],
    plan: ScenarioPlan(fills: .distinct, masks: .none, minimumLength: 2)
  ) { setting, trial in
    let problem = try FavorProblem(setting)
    var inputs = try setting.inputs()
    for name in ["q", "k"] {
      let tokens = try inputs.tensor(name)
      let longest = try (tokens * tokens).sum(-1).maximum().item().squareRoot()
      try trial.assume(longest > 0)
      inputs[name] = try tokens * (1 / longest)
    }
    // Equal values have no distance to speak of.
    let value = try inputs.tensor("v")
    try trial.assume((value - value.slice(-2, 0..<1)).abs().maximum().item() > 0)
    let exact = try setting.fullAttention(inputs)
    let vectors = try problem.vectors(blocks: 64 * 64)
    let (width, parts) = (problem.width, try [4, 64].map(problem.part))
    var squares = [0.0, 0.0]
    for pair in 0..<64 {
      let own = try vectors.slice(1, pair * 64 * width..<(pair + 1) * 64 * width)
      for (index, blocks) in [4, 64].enumerated() {
        try parts[index].inject(["features": own.slice(1, 0..<blocks * width)])
        let distance = try parts[index].run(inputs) - exact
        squares[index] += try (distance * distance).sum().item()
      }
    }
    let roots = squares.map { $0.squareRoot() }
    trial.observe(output: roots[0].bitPattern)
    trial.judge(
      "the distance with 64 blocks, with 4 it is \(roots[0])", roots[1], roots[0] / 2,
      "the distance to full attention")
  }
}
