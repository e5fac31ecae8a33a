internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FAV3: with the vectors that the part reports, oᵢ = Σⱼ φ(qᵢ)·φ(kⱼ) vⱼ / Σⱼ φ(qᵢ)·φ(kⱼ), where φ(x) is
  /// exp(±ω·x' − ‖x'‖²/2)/√m, padded keys left out, and later ones when causal.
  static let featureOracle = Law(
    .featureOracle, trials: 25, witness: "favorPeakLost", needs: [.favor],
    plan: ScenarioPlan(fills: .distinct)
  ) { setting, trial in
    let problem = try FavorProblem(setting)
    let part = try setting.part()
    let inputs = try setting.inputs()
    let output = try part.run(inputs)
    let vectors = try FavorProblem.vectors(of: part)
    trial.classify("a block that is cut", vectors.size(1) % problem.width != 0)
    try trial.equal(
      output, problem.attention(inputs, vectors), .exact(), label: "products of features")
  }
}
