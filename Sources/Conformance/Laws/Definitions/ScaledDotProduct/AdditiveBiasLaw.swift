internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A10: an additive mask enters the logits as it is, and only its differences count.
  ///
  /// Rejects `biasScaled`, which sets the budget, in a share of 0.35 of trials.
  static let additiveBias = Law(
    .additiveBias, trials: 36, witness: "biasScaled", needs: [.additiveMask],
    plan: ScenarioPlan(fills: .small, masks: .always([.additive])) { draft in
      let mask = draft.scenario.input("att_mask")?.recipe.shape ?? []
      return [.tensor("constants", mask.dropLast() + [1], fills: .only(.uniform))]
    }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    guard let mask = call.mask else { throw KitError("no additive mask was drawn") }
    let output = try part.run(call.tensors)
    if setting.claims.softmaxOverProducts, setting.claims.pattern != nil {
      try trial.equal(
        output, plainAttention(call, Visibility(call, setting.claims, part)), .exact(),
        label: "logits with the mask added")
    } else if setting.claims.definition != nil {
      try trial.equal(
        output, setting.expected(part, call.tensors), .exact(),
        label: "the definition with the mask added")
    }
    let constants = try setting.extra("constants") * 100
    try trial.equal(
      part.run(call.with(mask: mask + constants).tensors), output, .exact(),
      label: "one constant added to each row")
  }
}
