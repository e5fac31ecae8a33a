internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A08: all forms of one mask give the same output, a mask that hides nothing equals no mask, and two
  /// masks equal one of their intersection.
  static let maskKindEquality = Law(
    .maskKindEquality, trials: 24, witness: "maskOfItemsIgnored",
    dtypes: [.float64, .float32], needs: [.someMask],
    plan: ScenarioPlan(masks: .always())
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let before = try part.run(call.tensors)
    for (label, name, form) in try otherForms(call, setting) {
      var changed = call
      changed.tensors[name] = form
      try trial.unchanged(part.run(changed.tensors), before, label: label)
    }
    for name in ["att_mask", "key_padding_mask"] {
      guard let mask = call.tensors[name] else { continue }
      var (changed, without) = (call, call)
      changed.tensors[name] = try Tensor.full(mask.shape, mask.dtype == .bool ? 1 : 0, mask.dtype)
      without.tensors[name] = nil
      try trial.unchanged(
        part.run(changed.tensors), part.run(without.tensors), label: "\(name) that hides nothing")
    }
    guard let mask = call.mask, mask.dtype == .bool, let padding = call.padding,
      setting.claims.masks.contains(.boolean3D)
    else { return }
    var both = call
    let columns = try mask.rank == 4 ? padding.unsqueezed(1).unsqueezed(1) : padding.unsqueezed(1)
    both.tensors["att_mask"] = try mask .& columns
    both.tensors["key_padding_mask"] = nil
    try trial.unchanged(part.run(both.tensors), before, label: "one mask of both")
  }

  /// The mask of a call in the other forms that the part takes.
  private static func otherForms(
    _ call: AttentionCall, _ setting: Setting
  ) throws -> [(label: String, name: String, form: Tensor)] {
    let kinds = setting.claims.masks
    var forms: [(String, String, Tensor)] = []
    if let mask = call.mask, mask.dtype == .bool {
      let (batch, heads) = (setting.scenario.lengths[.batch], setting.scenario.lengths[.heads])
      if kinds.contains(.additive) {
        forms.append(("the additive form", "att_mask", try mask.hiding(setting.dtype)))
      }
      if kinds.contains(.boolean3D), mask.rank == 2 {
        for front in [[batch], [batch, heads]] {
          let repeated = try mask.expanded(front + mask.shape).contiguous()
          forms.append(("a form of rank \(repeated.rank)", "att_mask", repeated))
        }
      }
    }
    if let padding = call.padding, padding.dtype == .bool {
      let additive = try padding.hiding(setting.dtype)
      forms.append(("the additive form", "key_padding_mask", additive))
    }
    return forms
  }
}

extension Tensor {
  /// −∞ where a Boolean mask is false, 0 elsewhere.
  fileprivate func hiding(_ dtype: DType) throws -> Tensor {
    try Tensor.zeros(shape, dtype).filled(-.infinity, where: .!self)
  }
}
