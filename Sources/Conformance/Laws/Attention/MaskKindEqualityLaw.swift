internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A08: all forms of one mask give the same output, and a mask that hides nothing equals no mask.
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
    let unmasked = try part.run(call.unmasked.tensors)
    for name in ["att_mask", "key_padding_mask"] {
      guard let mask = call.tensors[name] else { continue }
      var changed = call
      changed.tensors[name] = try Tensor.full(mask.shape, mask.dtype == .bool ? 1 : 0, mask.dtype)
      try trial.unchanged(part.run(changed.tensors), unmasked, label: "\(name) that hides nothing")
    }
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
