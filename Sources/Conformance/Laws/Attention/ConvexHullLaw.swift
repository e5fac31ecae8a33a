internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A13: each output coordinate is between the smallest and largest visible value, also if a
  /// sum over all keys, or a square of a query or key, comes near the largest number.
  static let convexHull = Law(
    .convexHull, trials: 24, witness: "softmaxEpsilon",
    needs: [
      Need("outputs may leave the hull of the values", Capability("convexHull", \.convexHull)),
      .exactPattern,
    ],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let drawn = try AttentionCall(setting, part)
    // Far from 0, to expose weights that sum to less than one.
    let far = try drawn.value + 10
    let visibility = try Visibility(drawn.with(value: far), setting.claims, part)
    // Some kernels sum before they normalise.
    let sum = try far.abs().maximum().item() * Double(drawn.key.size(-2))
    let largest = setting.dtype.greatestFiniteMagnitude / 2 / sum
    let alike = try drawn.with(query: drawn.query * 0, key: drawn.key * 0)
    let token =
      try Double(drawn.query.size(-1)).squareRoot()
      * max(
        drawn.query.abs().maximum().item(), drawn.key.abs().maximum().item(), 1)
    let size = (setting.dtype.greatestFiniteMagnitude / 64).squareRoot() / token
    let vast = try drawn.with(query: drawn.query * size, key: drawn.key * size)
    let calls = [
      ("", drawn, 1), (", near the largest number", alike, largest), (" of vast tokens", vast, 1),
    ]
    for (label, given, factor) in calls {
      let call = try given.with(value: far * factor)
      let output = try part.run(call.tensors)
      let hull = try visibility.hull(of: call.value)
      let low = try hull.low.reshaped(output.shape)
      let high = try hull.high.reshaped(output.shape)
      let clamped = try (output .< low).select(
        low, else: (high .< output).select(high, else: output))
      try trial.equal(output, clamped, .exact(), label: "the hull of the values" + label)
    }
  }
}

extension Visibility {
  /// The smallest and largest value that each query sees, `[items, S, V]`; 0 if it sees none.
  fileprivate func hull(of value: Tensor) throws -> (low: Tensor, high: Tensor) {
    let width = value.size(-1)
    let values = try value.doubles()
    var (low, high): ([Double], [Double]) = ([], [])
    for n in 0..<items {
      for i in 0..<queries {
        let seen = visible(n, i)
        for d in 0..<width {
          let column = seen.map { values[(n * keys + $0) * width + d] }
          low.append(column.min() ?? 0)
          high.append(column.max() ?? 0)
        }
      }
    }
    let shape = [items, queries, width]
    return (try Tensor(low, shape: shape), try Tensor(high, shape: shape))
  }
}
