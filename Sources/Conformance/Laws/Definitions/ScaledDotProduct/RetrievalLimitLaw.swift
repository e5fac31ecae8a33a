internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A19: among orthonormal keys, a long query along one of them gets its value.
  ///
  /// Rejects `softmaxNoMax`, which sets the budget, in every trial.
  static let retrievalLimit = Law(
    .retrievalLimit, trials: 16, witness: "softmaxNoMax",
    needs: [.softmaxOverProducts, .exactPattern]
  ) { setting, trial in
    let part = try setting.part()
    let drawn = try AttentionCall(setting, part)
    let visibility = try Visibility(drawn, setting.claims, part)
    let (front, keys) = (try drawn.query.shape.dropLast(2), visibility.keys)
    // As many channels as keys, where the part lets the width be chosen.
    var width = try drawn.query.size(-1)
    if part.signature.fixed["D"] == nil { width = max(width, keys) }
    try trial.assume(keys <= width)
    let recipe = TensorRecipe(
      shape: front + [keys, width], element: .f64, fill: .orthonormalRows, seed: trial.seed)
    let key = try Tensor(recipe.values(), shape: recipe.shape)
    let values = TensorRecipe(
      shape: front + [keys, setting.claims.valueWidth == .same ? width : try drawn.value.size(-1)],
      element: .f64, fill: .normal, seed: trial.seed)
    let value = try Tensor(values.values(), shape: values.shape)
    var (targets, expected) = ([Double](), [Double]())
    let length = 4000 * Double(width).squareRoot()
    let (keyRows, valueRows) = (try key.doubles(), try value.doubles())
    let valueWidth = value.size(-1)
    for n in 0..<visibility.items {
      for i in 0..<visibility.queries {
        let seen = visibility.visible(n, i)
        let target = seen.isEmpty ? 0 : seen[(i + n + Int(trial.seed % 64)) % seen.count]
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
