internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A25: with logits up to 1e4, and tokens near the limit of half precision, the output is finite
  /// and within the rounding error that softmax attention cannot avoid.
  static let logitExtremes = Law(
    .logitExtremes, trials: 16, witness: "softmaxNoMax", dtypes: [.float32, .float16],
    needs: [.softmaxOverProducts, .exactPattern], plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let drawn = try AttentionCall(setting, part)
    let largest = try drawn.query.abs().maximum().item() * drawn.key.abs().maximum().item()
    try trial.assume(largest > 0)
    let width = Double(try drawn.query.size(-1))
    // The products of a token, and their sums, stay in the range of the type.
    let limit = setting.dtype == .float16 ? DType.float16.greatestFiniteMagnitude / 8 : 1e4
    let factor = limit / (largest * width.squareRoot())
    let call = try drawn.with(
      query: drawn.query * factor.squareRoot(), key: drawn.key * factor.squareRoot())
    let visibility = try Visibility(call, setting.claims, part)
    let output = try part.run(call.tensors)
    trial.expect(
      try output.isFinite().allTrue(), label: "finite", "the output is not finite: \(output)")
    let expected = try plainAttention(call, visibility)
    let bounds = try softmaxRoundingBounds(call, visibility, setting.dtype)
    try trial.equal(output, expected, .softmax(bounds), label: "the definition")
  }
}
