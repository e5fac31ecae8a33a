internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// BSP1: block-sparse attention is full attention with its layout, each block spread over its
  /// pairs, as the mask, causal within blocks as well; the size of blocks matters in no other way.
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
  }
}
