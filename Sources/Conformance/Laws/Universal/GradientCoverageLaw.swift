internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U11: exactly the tensors and parameters that are not claimed to be without one have a derivative
  /// that moves (T1), and every derivative is finite.
  ///
  /// A derivative may be 0 in one trial, such as that of a relu, but not in all of them and in longer
  /// calls, too.
  static let gradientCoverage = Law(
    .gradientCoverage, trials: 24, witness: "tableDetached",
    judging: ["withoutGradient"],
    plan: ScenarioPlan(fills: .small) { draft in [.tensor("cotangent", draft.output)] },
    effects: ["a derivative by "]
  ) { setting, trial in
    let part = try setting.part()
    var everything = setting.claims
    everything.withoutGradient = []
    let call = try DifferentiableCall(part, setting.inputs(), everything)
    let longer = try longDerivatives(setting, everything)
    let derivatives = try call.derivatives([setting.extra("cotangent")])[0]
    for (name, derivative) in derivatives.sorted(by: { $0.key < $1.key }) {
      trial.compared(derivative.count)
      trial.observe(output: try XXH3.hash64(derivative.bytes()))
      trial.expect(
        try derivative.isFinite().allTrue(), label: "a finite derivative",
        "the derivative by \(name) is not finite: \(derivative)")
      let largest = try max(
        derivative.abs().maximum().item(), longer[name]?.abs().maximum().item() ?? 0)
      let key = name.hasPrefix("parameter ") ? String(name.dropFirst("parameter ".count)) : name
      if setting.claims.withoutGradient.contains(key) {
        try trial.equal(
          derivative, Tensor.zeros(derivative.shape, .float64), .exact(),
          label: "no derivative by \(name)")
      } else if name != "att_mask" {
        trial.classify("a derivative by \(name)", largest > Tolerance.exact().bound(0))
      }
    }
    guard setting.claims.masks.contains(.additive), let call = try? AttentionCall(setting, part)
    else { return }
    // A bias that is learnt starts there.
    let zeros = try Tensor.zeros([call.query.size(-2), call.keys], .float64)
    let derivative = try DifferentiableCall(part, call.with(mask: zeros).tensors, everything)
      .derivatives([setting.extra("cotangent")])[0]["att_mask"]
    let largest = try derivative?.abs().maximum().item() ?? 0
    trial.classify("a derivative by a mask of zeros", largest > Tolerance.exact().bound(0))
  }

  /// The derivatives of a call of 40 tokens without masks, or of none if the part takes no such call.
  private static func longDerivatives(_ setting: Setting, _ claims: Claims) throws
    -> [String: Tensor]
  {
    var lengths = setting.scenario.lengths
    lengths[.batch] = 1
    guard let (_, config, _) = setting.nearest(40, &lengths) else { return [:] }
    let part = try setting.part(in: config, settled: false)
    let call = try DifferentiableCall(part, setting.call(of: part, lengths), claims)
    let output = try call.output()
    let cotangent = try Tensor.normal(
      output.shape, .float64, generator: Generator(seed: setting.scenario.parameterSeed))
    return try call.derivatives([cotangent])[0]
  }
}
