internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// BSP3: layouts stay with their heads: heads of tensors and layout in another order give outputs
  /// in that order, and each head alone gives what it gives among the others.
  static let headLayout = Law(
    .headLayout, trials: 16, witness: "headsShareLayout", needs: [.definition("blocksparse")],
    plan: ScenarioPlan(fills: .small, masks: .none) { draft in
      let (heads, count) = (draft.query[1], try StoredBlocks(draft.part).count)
      return [.mask("layouts", [heads, count, count]), .order("order of heads", of: heads)]
    }
  ) { setting, trial in
    let given = try setting.part()
    let blocks = try StoredBlocks(given)
    let call = try AttentionCall(setting, given)
    let heads = try call.query.size(1)
    try trial.assume(heads > 1)
    let (count, size) = (blocks.count, blocks.size)
    let drawn = try setting.extra("layouts").booleans()
    let layouts = (0..<heads).map { head in
      (0..<count).map { row in
        (0..<count).map { drawn[(head * count + row) * count + $0] || $0 == row }
      }
    }
    let output = try setting.part(blocks: layouts, size: size).run(call.tensors)
    func picked(_ order: [Int]) throws -> AttentionCall {
      try call.with(
        query: call.query.picked(1, order), key: call.key.picked(1, order),
        value: call.value.picked(1, order))
    }
    let order = try setting.order("order of heads")
    let other = try setting.part(blocks: order.map { layouts[$0] }, size: size)
    try trial.equal(
      other.run(picked(order).tensors), output.picked(1, order), .exact(),
      label: "heads in another order")
    for head in 0..<heads {
      let alone = try setting.part(blocks: [layouts[head]], size: size)
      try trial.equal(
        alone.run(picked([head]).tensors), output.picked(1, [head]), .exact(),
        label: "a head alone")
    }
  }
}
