internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A19: with orthonormal keys, a long query along one of them returns its value.
  ///
  /// Rejects `softmaxNoMax` in every trial, which sets the budget.
  static let retrievalLimit = Law(
    .retrievalLimit, trials: 16, witness: "softmaxNoMax",
    needs: [.softmaxOverProducts, .exactPattern],
    plan: ScenarioPlan { draft in
      let (front, keys) = (draft.query.dropLast(2), draft.keys)
      // As many channels as keys, if the width can be chosen.
      let own = draft.query.last ?? 1
      let width = draft.part.signature.fixed["D"] == nil ? max(own, keys) : own
      let valueWidth = draft.scenario.claims.valueWidth == .same ? width : draft.value.last ?? 1
      return [
        .tensor("orthonormal keys", front + [keys, width], fills: .only(.orthonormalRows)),
        .tensor("their values", front + [keys, valueWidth]),
        .number("first key sought", below: 64),
      ]
    }
  ) { setting, trial in
    let part = try setting.part()
    let drawn = try AttentionCall(setting, part)
    let visibility = try Visibility(drawn, setting.claims, part)
    let (front, keys) = (try drawn.query.shape.dropLast(2), visibility.keys)
    let (key, value) = (try setting.extra("orthonormal keys"), try setting.extra("their values"))
    let width = key.size(-1)
    try trial.assume(keys <= width)
    let products = try key.matmul(key.transposed()) - Tensor.identity(keys, .float64)
    // A shrunk scenario may have fewer keys.
    try trial.assume(products.abs().maximum().item() < Threshold.orthonormal)
    let first = try setting.number("first key sought")
    var (targets, expected) = ([Double](), [Double]())
    let length = 4000 * Double(width).squareRoot()
    let (keyRows, valueRows) = (try key.doubles(), try value.doubles())
    let valueWidth = value.size(-1)
    for n in 0..<visibility.items {
      for i in 0..<visibility.queries {
        let seen = visibility.visible(n, i)
        let target = seen.isEmpty ? 0 : seen[(i + n + first) % seen.count]
        let row = n * keys + target
        targets += keyRows[row * width..<(row + 1) * width].map { $0 * length }
        let found = valueRows[row * valueWidth..<(row + 1) * valueWidth]
        expected += seen.isEmpty ? found.map { _ in 0 } : Array(found)
      }
    }
    let query = try Tensor(targets, shape: front + [visibility.queries, width])
    let output = try part.run(drawn.with(query: query, key: key, value: value).tensors)
    try trial.equal(
      output, Tensor(expected, shape: front + [visibility.queries, valueWidth]), .exact(),
      label: "the value of the matching key")
  }
}
