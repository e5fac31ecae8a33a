internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A18: a query of zeros gives the mean of the values it may see.
  ///
  /// Rejects `softmaxEpsilon`, which sets the budget, in a share of 0.8 of trials.
  static let zeroQuery = Law(
    .zeroQuery, trials: 16, witness: "softmaxEpsilon", needs: [.softmaxOverProducts, .exactPattern]
  ) { setting, trial in
    let part = try setting.part()
    var call = try AttentionCall(setting, part)
    if let mask = call.mask, mask.dtype.isFloating {
      // Of an additive mask only what it hides: any other bias would be a preference.
      let flat = try mask.filled(0, where: .!mask.equals(-.infinity))
      call = try call.with(mask: flat)
    }
    call = try call.with(query: call.query * 0)
    let visible = try Visibility(call, setting.claims, part).tensor.to(.float64)
    let value = try call.value
    let count = try visible.sum(-1, keep: true)
    let sum = try visible.matmul(value.reshaped([visible.size(0), value.size(-2), value.size(-1)]))
    let mean = try sum / count.filled(1, where: count.equals(0))
    let output = try part.run(call.tensors)
    try trial.equal(output, mean.reshaped(output.shape), .exact(), label: "the mean of the values")
  }
}
