internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A22: each item's mask applies to all its heads, which are adjacent in the batch.
  static let maskHeadOrder = Law(
    .maskHeadOrder, trials: 48, witness: "maskTiled", dtypes: [.float64, .float32],
    needs: [
      Need("no per-item masks") { !$0.masks.isDisjoint(with: [.boolean3D, .keyPadding]) }
    ],
    plan: ScenarioPlan(masks: .always([.boolean3D, .keyPadding]), minimumBatch: 2)
  ) { setting, trial in
    let part = try setting.part()
    var call = try AttentionCall(setting, part)
    let heads = setting.scenario.lengths[.heads]
    trial.cover(0.15, "several heads", heads > 1)
    // If a mask has an axis of heads, the first head's mask becomes the item's.
    if let mask = call.mask, mask.rank == 4 { call = try call.with(mask: mask.index(1, 0)) }
    let before = try part.run(call.tensors)
    var spelled = call
    if let mask = call.mask {
      trial.cover(0.3, "items with masks of their own", try mask.differsAlongBatch)
      spelled.tensors["att_mask"] = try mask.unsqueezed(1)
        .expanded([mask.size(0), heads] + mask.shape.suffix(2)).contiguous()
    }
    if let padding = call.padding {
      trial.cover(0.3, "items with masks of their own", try padding.differsAlongBatch)
      let additive = try Tensor.zeros(padding.shape, setting.dtype)
        .filled(-.infinity, where: .!padding)
      spelled.tensors["key_padding_mask"] = try additive.repeatInterleaved(heads, 0).unsqueezed(1)
    }
    try trial.unchanged(part.run(spelled.tensors), before, label: "a mask for each head")
  }
}

extension Tensor {
  /// Whether the items of a Boolean mask differ.
  fileprivate var differsAlongBatch: Bool {
    get throws {
      let values = try booleans()
      let row = count / size(0)
      return values.indices.contains { values[$0] != values[$0 % row] }
    }
  }
}
