internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A25: with logits up to 1e4, and in half precision with tokens near its limit and with products
  /// beyond it whose logits are within, the output is finite and within the rounding error that softmax
  /// attention cannot avoid.
  static let logitExtremes = Law(
    .logitExtremes, trials: 16, witness: "softmaxNoMax", dtypes: [.float32, .float16],
    needs: [.softmaxOverProducts, .exactPattern], plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let drawn = try AttentionCall(setting, part)
    let width = Double(try drawn.query.size(-1)).squareRoot()
    let largest = try drawn.query.abs().maximum().item() * drawn.key.abs().maximum().item()
    let product = try drawn.query.to(.float64).matmul(drawn.key.to(.float64).transposed()).abs()
      .maximum().item()
    try trial.assume(product > 0)
    // The products of a token, and their sums, stay in the range of the type.
    var factors = [1e4 / (largest * width)]
    if setting.dtype == .float16 {
      let limit = DType.float16.greatestFiniteMagnitude
      factors = [limit / 8 / (largest * width), 0.9 * limit / (product / width)]
    }
    for factor in factors {
      let call = try drawn.with(
        query: drawn.query * factor.squareRoot(), key: drawn.key * factor.squareRoot())
      try expectExtremes(part, call, setting, &trial)
    }
  }

  private static func expectExtremes(
    _ part: any PartModule, _ call: AttentionCall, _ setting: Setting, _ trial: inout Trial
  ) throws {
    let visibility = try Visibility(call, setting.claims, part)
    let output = try part.run(call.tensors)
    trial.expect(
      try output.isFinite().allTrue(), label: "finite", "the output is not finite: \(output)")
    let expected = try plainAttention(call, visibility)
    let bounds = try softmaxRoundingBounds(call, visibility, setting.dtype)
    try trial.equal(output, expected, .softmax(bounds), label: "the definition")
  }
}
