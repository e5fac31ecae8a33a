internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A07: a query without keys gives 0, or the declared throw, and nothing becomes infinite.
  ///
  /// Rejects `paddingBatchZero`, which sets the budget, in a share of 0.45 of trials.
  static let emptyRow = Law(
    .emptyRow, trials: 24, witness: "maskLowest", dtypes: [.float64, .float32, .float16],
    needs: [.someMask], plan: ScenarioPlan(fills: .small, masks: .always())
  ) { setting, trial in
    let part = try setting.part()
    let drawn = try AttentionCall(setting, part)
    for call in [drawn, try drawn.withEmptyRow(Int(trial.seed % 1024))] {
      let visibility = try Visibility(call, setting.claims, part)
      if setting.claims.emptyRow == .throwing, visibility.hasEmptyRow {
        trial.throwsError(PartError.self, label: "a query without keys") {
          _ = try part.run(call.tensors)
        }
        continue
      }
      try checkEmptyRows(part, call, visibility, &trial)
    }
  }
}

private func checkEmptyRows(
  _ part: any PartModule, _ call: AttentionCall, _ visibility: Visibility, _ trial: inout Trial
) throws {
  var leaves: [(name: String, tensor: Tensor)] = []
  var tensors = call.tensors
  for (name, tensor) in call.tensors.sorted(by: { $0.key < $1.key })
  where tensor.dtype.isFloating && name != "key_padding_mask" {
    let leaf = try tensor.detached().clone().requireGrad()
    tensors[name] = leaf
    leaves.append((name, leaf))
  }
  leaves += part.parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  let output = try part.run(tensors)
  trial.finite(output, label: "a finite output")
  let rest = try restingOutput(part, width: output.size(-1), output.dtype)
  for n in 0..<visibility.items {
    for i in 0..<visibility.queries where visibility.visible(n, i).isEmpty {
      let row = try output.detached()
        .reshaped([visibility.items, visibility.queries, -1]).index(0, n).index(0, i)
      try trial.unchanged(row, rest, label: "the output of a query without keys")
    }
  }
  let cotangent = try Tensor.normal(
    output.shape, .float64, generator: Generator(seed: trial.seed)
  ).to(output.dtype)
  let gradients = try output.gradients(of: leaves.map(\.tensor), cotangent: cotangent)
  for (leaf, gradient) in zip(leaves, gradients) {
    if let gradient { trial.finite(gradient, label: "a finite gradient of \(leaf.name)") }
  }
}

/// What an attention gives for no keys at all: 0, which behind a projection becomes its offset.
private func restingOutput(_ part: any PartModule, width: Int, _ dtype: DType) throws -> Tensor {
  let definition = part.claims.definition
  guard definition?.oracle == "multihead", let key = definition?.parameters["out_bias"],
    let bias = part.stateDict[key]
  else { return try Tensor.zeros([width], dtype) }
  return try bias.detached()
}

extension Trial {
  /// Asserts that no element is infinite or NaN.
  fileprivate mutating func finite(_ tensor: Tensor, label: String) {
    compared(tensor.count)
    let isFinite = (try? tensor.detached().isFinite().allTrue()) ?? false
    expect(isFinite, label: label, "\(label): \(tensor)")
  }
}
