internal import Catalogue
internal import Foundation
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A17: only the product of query and key counts, and it is divided by √D.
  ///
  /// Rejects `scaleMissing`, which sets the budget, in a share of 0.75 of trials.
  static let scaleLaw = Law(
    .scaleLaw, trials: 16, witness: "scaleMissing", needs: [.softmaxOverProducts]
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let before = try part.run(call.tensors)
    for factor in [0.5, 2, 4] {
      let changed = try call.with(query: call.query * factor, key: call.key * (1 / factor))
      try trial.equal(
        part.run(changed.tensors), before, .exact(), label: "queries times what keys lose")
    }
    let measured = try logitScales(part, call.unmasked.gentle)
    trial.classify("a measured scale", !measured.isEmpty)
    guard !measured.isEmpty else { return }
    let root = Double(try call.query.size(-1)).squareRoot()
    try trial.equal(
      Tensor(measured, shape: [measured.count]),
      Tensor.full([measured.count], 1 / root, .float64), .exact(), label: "the scale of logits")
  }
}

/// The factor of products in the logits, for each query, from the two keys it tells apart best.
///
/// Values that are 1 for one key and 0 for the others make the output the weight of that key. The
/// logarithm of the ratio of two weights over the difference of the products is the factor.
private func logitScales(_ part: any PartModule, _ call: AttentionCall) throws -> [Double] {
  let (query, key) = (try call.query, try call.key)
  let keys = key.size(-2)
  let products = try query.matmul(key.transposed()).doubles()
  var weights = [Double](repeating: 0, count: products.count)
  for index in 0..<keys {
    let indicator = try (call.value * 0).moving(token: index, by: 1)
    let column = try part.run(call.with(value: indicator).tensors).index(-1, 0).doubles()
    for (row, weight) in column.enumerated() { weights[row * keys + index] = weight }
  }
  return (0..<products.count / keys).compactMap { row -> Double? in
    let seen = (row * keys..<(row + 1) * keys).filter { weights[$0] > 0 }
    guard let low = seen.min(by: { products[$0] < products[$1] }),
      let high = seen.max(by: { products[$0] < products[$1] }),
      products[high] - products[low] > Threshold.measurableProduct
    else { return nil }
    return log(weights[high] / weights[low]) / (products[high] - products[low])
  }
}
