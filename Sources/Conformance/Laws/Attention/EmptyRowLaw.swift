internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A07: a query without visible keys gives 0, the declared output offset or the declared error,
  /// and every output and gradient is finite.
  ///
  /// Rejects `paddingBatchZero` in 45% of trials, which sets the budget.
  static let emptyRow = Law(
    .emptyRow, trials: 24, witness: "maskLowest", dtypes: [.float64, .float32, .float16],
    needs: [.someMask], judging: ["emptyRow"],
    plan: ScenarioPlan(fills: .small, masks: .always()) { draft in
      [.number("row without keys", below: 1024), .tensor("cotangent", draft.output)]
    }
  ) { setting, trial in
    let part = try setting.part()
    let drawn = try AttentionCall(setting, part)
    for call in try [drawn, drawn.withEmptyRow(setting.number("row without keys"))] {
      let visibility = try Visibility(call, setting.claims, part)
      if setting.claims.emptyRow == .throwing, visibility.hasEmptyRow {
        let masks: Set = ["att_mask", "key_padding_mask"]
        trial.refuses(
          WrongCall(
            label: "a query without keys", inputs: call.tensors, mistake: .mask, blamed: masks),
          by: part)
        continue
      }
      let rest = try setting.claims.emptyRow.offset(in: part)
      try checkEmptyRows(part, call, visibility, rest, setting.extra("cotangent"), &trial)
    }
  }
}

private func checkEmptyRows(
  _ part: any PartModule, _ call: AttentionCall, _ visibility: Visibility, _ offset: Tensor?,
  _ cotangent: Tensor, _ trial: inout Trial
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
  let rest = try offset ?? Tensor.zeros([output.size(-1)], output.dtype)
  for n in 0..<visibility.items {
    for i in 0..<visibility.queries where visibility.visible(n, i).isEmpty {
      let row = try output.detached()
        .reshaped([visibility.items, visibility.queries, -1]).index(0, n).index(0, i)
      try trial.unchanged(row, rest, label: "the output of a query without keys")
    }
  }
  let gradients = try output.gradients(of: leaves.map(\.tensor), cotangent: cotangent)
  for (leaf, gradient) in zip(leaves, gradients) {
    if let gradient { trial.finite(gradient, label: "a finite gradient of \(leaf.name)") }
  }
}

extension EmptyRowClaim {
  /// What a query without keys gives instead of 0.
  ///
  /// - Throws: `KitError` if the part lacks the parameter that it claims.
  fileprivate func offset(in part: any PartModule) throws -> Tensor? {
    guard case .offset(let key) = self else { return nil }
    guard let offset = part.stateDict[key] else {
      throw KitError("the part has no parameter `\(key)`, the claimed offset of empty rows")
    }
    return try offset.detached()
  }
}

extension Trial {
  /// Checks that every element is finite.
  fileprivate mutating func finite(_ tensor: Tensor, label: String) {
    compared(tensor.count)
    let isFinite = (try? tensor.detached().isFinite().allTrue()) ?? false
    expect(isFinite, label: label, "\(label): \(tensor)")
  }
}
