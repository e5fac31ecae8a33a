internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A21: for S ≠ T, S = 1 and T = 1 the output equals the definition; if the claim is absent, the
  /// call throws.
  static let crossLength = Law(
    .crossLength, trials: 24, witness: "lengthsUnchecked", needs: [.someDefinition],
    deciding: [.crossLength],
    plan: ScenarioPlan(fills: .small, masks: .none, minimumLength: 2)
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part).with()
    let (queries, keys) = (try call.query.size(-2), try call.keys)
    trial.classify("more keys than queries", keys > queries)
    trial.classify("more queries than keys", keys < queries)
    let pairs = [
      (queries, keys), (1, keys), (queries, 1), (queries - 1, keys), (queries, keys - 1),
    ]
    for (s, t) in pairs where s != t {
      let cut = try call.with(
        query: call.query.slice(-2, 0..<s), key: call.key.slice(-2, 0..<t),
        value: call.value.slice(-2, 0..<t))
      let label = s == 1 ? "one query" : t == 1 ? "one key" : "unequal lengths"
      guard setting.claims.crossLength else {
        trial.refuses(cut.wrong(label), by: part)
        continue
      }
      let claims = part.claims(queryLength: s, keyLength: t)
      guard claims.sequence.accepts(s), claims.sequence.accepts(t) else { continue }
      try trial.equal(
        part.run(cut.tensors), setting.expected(part, cut.tensors),
        trial.tolerance(setting, part, cut.tensors), label: label)
    }
  }
}
