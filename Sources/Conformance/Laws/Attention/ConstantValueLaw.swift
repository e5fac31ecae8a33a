internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A14: values that are all equal come out unchanged, wherever a query sees a key, also where
  /// queries and keys differ in number.
  ///
  /// Within T2 times the condition of the definition, such as that of an inverse.
  static let constantValue = Law(
    .constantValue, trials: 24, witness: "softmaxEpsilon",
    needs: [Need("weights need not sum to one") { $0.rowsSumToOne }],
    plan: ScenarioPlan(fills: .small) { draft in
      [.tensor("other queries", draft.query), .tensor("other keys", draft.key)]
    }
  ) { setting, trial in
    let part = try setting.part()
    let drawn = try AttentionCall(setting, part).invertible(part, setting)
    let constant = try drawn.value.slice(-2, 0..<1).slice(0, 0..<1)
    let call = try drawn.with(value: constant.expanded(drawn.value.shape).contiguous())
    let tolerance = try trial.tolerance(setting, part, call.tensors)
    let visibility = try Visibility(call, setting.claims, part)
    let output = try part.run(call.tensors)
    let empty = (0..<visibility.items).flatMap { n in
      (0..<visibility.queries).map { visibility.visible(n, $0).isEmpty }
    }
    let rows = try Tensor(empty, shape: Array(output.shape.dropLast()) + [1])
    try trial.equal(
      output, constant.expanded(output.shape).filled(0, where: rows), tolerance,
      label: "constant values")
  }
}

extension AttentionCall {
  /// The call, with other queries and keys where a definition that inverts something would lose all
  /// digits on these.
  fileprivate func invertible(_ part: any PartModule, _ setting: Setting) throws -> AttentionCall {
    guard try setting.subject.naives.condition(part, tensors) > Threshold.invertible else {
      return self
    }
    // Keys that begin with the queries make a kernel with a strong diagonal.
    let (query, key) = (try setting.extra("other queries"), try setting.extra("other keys"))
    let shared = min(query.size(-2), key.size(-2))
    let keys = try Tensor.cat(
      [query.slice(-2, 0..<shared), key.slice(-2, shared..<key.size(-2))], -2)
    return try with(query: query * 4, key: keys * 4)
  }
}
