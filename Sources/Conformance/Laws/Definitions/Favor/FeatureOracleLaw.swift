internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FAV3: with the reported vectors, oᵢ = Σⱼ φ(qᵢ)·φ(kⱼ) vⱼ / Σⱼ φ(qᵢ)·φ(kⱼ), where φ(x) is
  /// exp(±ω·x' − ‖x'‖²/2)/√m, without padded keys and, if causal, without later ones. Exponents have
  /// more digits than half precision: there the output is that of single precision, rounded.
  static let featureOracle = Law(
    .featureOracle, trials: 25, witness: "favorPeakLost",
    dtypes: [.float64, .bfloat16, .float16], needs: [.favor],
    plan: ScenarioPlan(fills: .distinct)
  ) { setting, trial in
    let problem = try FavorProblem(setting)
    let part = try setting.part()
    let inputs = try setting.inputs()
    let output = try part.run(inputs)
    guard setting.dtype == .float64 else {
      try expectRounded(part, inputs, output, from: .float32, setting, &trial)
      return
    }
    let vectors = try FavorProblem.vectors(of: part)
    trial.classify("a block that is cut", vectors.size(1) % problem.width != 0)
    try trial.equal(
      output, problem.attention(inputs, vectors), .exact(), label: "products of features")
  }

  /// Checks that an output is that of a wider type, rounded.
  static func expectRounded(
    _ part: any PartModule, _ inputs: [String: Tensor], _ output: Tensor, from wider: DType,
    _ setting: Setting, _ trial: inout Trial
  ) throws {
    try part.to(wider)
    let wide = try part.run(inputs.mapValues { try $0.dtype.isFloating ? $0.to(wider) : $0 })
    let scale = try wide.abs().maximum().item()
    try trial.equal(
      output, wide,
      .rounding(naive: 0, unit: setting.dtype.unitRoundoff / 4, scale: scale),
      label: "the output of \(wider), rounded")
  }
}
