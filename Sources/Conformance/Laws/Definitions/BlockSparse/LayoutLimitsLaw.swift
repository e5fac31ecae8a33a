internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// BSP2: all blocks give full attention, the blocks on the diagonal attend each within itself,
  /// and a row without blocks gives 0.
  static let layoutLimits = Law(
    .layoutLimits, trials: 16, witness: "emptyBlockRowFilled",
    needs: [.definition("blocksparse")],
    plan: ScenarioPlan(fills: .small, masks: .none) { draft in
      [.number("empty row", below: try StoredBlocks(draft.part).count)]
    }
  ) { setting, trial in
    let given = try setting.part()
    let blocks = try StoredBlocks(given)
    let (count, size) = (blocks.count, blocks.size)
    let call = try AttentionCall(setting, given)
    func run(_ isStored: (_ row: Int, _ column: Int) -> Bool) throws -> Tensor {
      let layout = (0..<count).map { row in (0..<count).map { isStored(row, $0) } }
      return try setting.part(blocks: [layout], size: size).run(call.tensors)
    }
    func plain(_ call: AttentionCall) throws -> Tensor {
      var visibility = try Visibility(call)
      if blocks.isCausal { visibility.restrict { $1 <= $0 } }
      return try plainAttention(call, visibility)
    }
    try trial.equal(run { _, _ in true }, plain(call), .exact(), label: "all blocks")

    let each = try (0..<count).map { block -> Tensor in
      let range = block * size..<(block + 1) * size
      return try plain(
        call.with(
          query: call.query.slice(-2, range), key: call.key.slice(-2, range),
          value: call.value.slice(-2, range)))
    }
    try trial.equal(
      run { $0 == $1 }, Tensor.cat(each, -2), .exact(), label: "the blocks on the diagonal")

    let empty = try setting.number("empty row")
    let rows = try run { row, _ in row != empty }
      .slice(-2, empty * size..<(empty + 1) * size)
    try trial.unchanged(rows, Tensor.zeros(rows.shape, rows.dtype), label: "a row without blocks")
  }
}
