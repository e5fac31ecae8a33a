internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// BSP1: block-sparse attention equals full attention whose mask expands each layout entry to a
  /// block, causal within blocks too; the block size has no other effect, and a further scale acts on
  /// the logits.
  static let kronMask = Law(
    .kronMask, trials: 72, witness: "layoutTransposed", needs: [.definition("blocksparse")],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let blocks = try StoredBlocks(part)
    let call = try AttentionCall(setting, part)
    var visibility = try Visibility(call)
    visibility.restrict { blocks.allows($0, $1, $2) }
    let expected = try plainAttention(call, visibility)
    try trial.equal(
      part.run(call.tensors), expected, .exact(), label: "full attention with a mask of blocks")
    let fine = try setting.part(blocks: blocks.refined, size: 1)
    try trial.equal(fine.run(call.tensors), expected, .exact(), label: "blocks of one token")
    guard let original = part as? BlockSparseAttention else { return }
    let scaled = try original(
      call.query, call.key, call.value,
      masks: Masks(attention: call.mask, keyPadding: call.padding), scale: 0.5)
    try trial.equal(
      scaled, plainAttention(call.with(query: call.query * 0.5), visibility), .exact(),
      label: "logits scaled once more")
  }
}
