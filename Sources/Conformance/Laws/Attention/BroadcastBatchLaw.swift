internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A24: a query, key, value or mask with a batch of 1 broadcasts over the batch of the others.
  static let broadcastBatch = Law(
    .broadcastBatch, trials: 16, witness: "broadcastFirstItem",
    needs: [Need("no batch broadcast", Capability("batchBroadcast", \.batchBroadcast))],
    plan: ScenarioPlan(masks: .none, minimumBatch: 2) { draft in
      let heads = draft.scenario.lengths[.heads]
      return [
        .mask("pairs", [1, draft.queries, draft.keys]),
        .mask("pairs of heads", [1, heads, draft.queries, draft.keys]),
      ]
    }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part).with()
    for mix in 1..<7 {
      func one(_ x: Tensor, _ bit: Int) throws -> (short: Tensor, long: Tensor) {
        guard mix & bit != 0 else { return (x, x) }
        let first = try x.slice(0, 0..<1)
        return (first, try first.expanded(x.shape).contiguous())
      }
      let (q, k, v) = (try one(call.query, 1), try one(call.key, 2), try one(call.value, 4))
      try trial.unchanged(
        part.run(call.with(query: q.short, key: k.short, value: v.short).tensors),
        part.run(call.with(query: q.long, key: k.long, value: v.long).tensors),
        label: "one item for all")
    }
    guard setting.claims.masks.contains(.boolean3D) else { return }
    let batch = setting.scenario.lengths[.batch]
    for name in ["pairs", "pairs of heads"] {
      let mask = try setting.extra(name)
      try trial.unchanged(
        part.run(call.with(mask: mask).tensors),
        part.run(call.with(mask: mask.expanded([batch] + mask.shape.dropFirst())).tensors),
        label: "one mask for all, the \(name)")
    }
  }
}
