internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A14: if all values are equal, every query that sees a key returns that value, also for S ≠ T.
  ///
  /// Tolerance: T2 times the condition of the definition, such as that of an inverse.
  static let constantValue = Law(
    .constantValue, trials: 24, witness: "softmaxEpsilon",
    needs: [
      Need("weights need not sum to one", Capability("rowsSumToOne", \.rowsSumToOne)),
      .exactPattern,
      .noIteration,
    ],
    plan: ScenarioPlan(fills: .small) { draft in
      [.tensor("other queries", draft.query), .tensor("other keys", draft.key)]
    }
  ) { setting, trial in
    let part = try setting.part()
    let drawn = try AttentionCall(setting, part)
    var calls = [drawn]
    let keys = try drawn.keys
    if try drawn.query.size(-2) != keys,
      part.claims(queryLength: keys, keyLength: keys).rowsSumToOne
    {
      // As many queries as keys, which few trials have where any number is accepted.
      var square = try drawn.with(query: drawn.key)
      square.tensors["att_mask"] = nil
      calls.append(square)
    }
    for call in calls { try expectConstant(part, call, setting, &trial) }
  }

  private static func expectConstant(
    _ part: any PartModule, _ given: AttentionCall, _ setting: Setting, _ trial: inout Trial
  ) throws {
    let drawn = try given.invertible(part, setting)
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

extension Need {
  /// An inverse, where the part needs one, is exact: steps towards it do not keep sums.
  fileprivate static let noIteration = Need("an iterative inverse") {
    $0.hasIterativeInverse != true
  }
}

extension AttentionCall {
  /// The call, with other queries and keys where a definition with an inverse would lose all digits
  /// on the drawn ones.
  fileprivate func invertible(_ part: any PartModule, _ setting: Setting) throws -> AttentionCall {
    guard try setting.subject.naives.condition(part, tensors) > Threshold.invertible else {
      return self
    }
    // Keys that begin with the queries make a kernel with a strong diagonal.
    let key = try setting.extra("other keys")
    let isSquare = try self.query.size(-2) == key.size(-2)
    let query = isSquare ? key : try setting.extra("other queries")
    let shared = min(query.size(-2), key.size(-2))
    let keys = try Tensor.cat(
      [query.slice(-2, 0..<shared), key.slice(-2, shared..<key.size(-2))], -2)
    return try with(query: query * 4, key: keys * 4)
  }
}
