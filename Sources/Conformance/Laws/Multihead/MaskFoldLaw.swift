internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// M09: an item's mask applies to all its heads and to no other item, and unsupported mask kinds
  /// throw.
  static let maskFold = Law(
    .maskFold, trials: 16, witness: "maskOfFirstItem",
    plan: ScenarioPlan(masks: .none, minimumBatch: 2, minimumLength: 2) { draft in
      let batch = draft.scenario.lengths[.batch]
      return [
        .mask("pairs of items", [batch, draft.queries, draft.keys]),
        .mask("keys of items", [batch, draft.keys]),
      ]
    }
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let claims = setting.claims
    let (batch, heads) = (setting.scenario.lengths[.batch], setting.scenario.lengths[.heads])
    let query = try inputs.tensor("query")
    let pair = [query.size(1), (inputs["key"] ?? query).size(1)]
    func output(_ name: String, _ mask: Tensor) throws -> Tensor {
      try part.run(inputs.merging([name: mask]) { $1 })
    }
    let rest = Array(1..<batch)
    func expectItems(_ name: String, _ mask: Tensor, _ trial: inout Trial) throws -> Tensor {
      let before = try output(name, mask)
      guard claims.batchIndependent else { return before }
      let other = try Tensor.cat([.!mask.slice(0, 0..<1), mask.slice(0, 1..<batch)], 0)
      // Where a mask hides nothing, a part may compute as without one, which rounds differently.
      let isIdle = try mask.allTrue() || other.allTrue()
      let tolerance =
        try isIdle
        ? trial.tolerance(setting, part, inputs.merging([name: mask]) { $1 }) : .bits
      try trial.equal(
        output(name, other).picked(0, rest), before.picked(0, rest), tolerance,
        label: "\(name) of another item")
      return before
    }
    if claims.masks.contains(.boolean3D) {
      let mask = try setting.extra("pairs of items")
      let before = try expectItems("att_mask", mask, &trial)
      let repeated = try mask.unsqueezed(1).expanded([batch, heads] + pair).contiguous()
      try trial.unchanged(
        output("att_mask", repeated), before, label: "the mask of each head")
      try trial.unchanged(
        output("att_mask", repeated.reshaped([batch * heads] + pair)), before,
        label: "the mask of each head, folded")
    }
    if claims.masks.contains(.keyPadding) {
      let mask = try setting.extra("keys of items")
      let before = try expectItems("key_padding_mask", mask, &trial)
      let hidden = try Tensor.zeros([batch * heads, 1, pair[1]], .float64).filled(
        -.infinity, where: .!mask.repeatInterleaved(heads, 0).unsqueezed(1))
      try trial.unchanged(
        output("key_padding_mask", hidden), before, label: "the padding of each head")
    }
    for kind in MaskKind.allCases where !claims.masks.contains(kind) {
      let name = kind == .keyPadding ? "key_padding_mask" : "att_mask"
      let shape =
        kind == .keyPadding ? [batch, pair[1]] : kind == .boolean3D ? [batch] + pair : pair
      let mask =
        kind == .additive ? try Tensor.zeros(shape, .float64) : try Tensor.full(shape, 1, .bool)
      let wrong = WrongCall(
        label: "a \(kind.rawValue) mask that is not taken",
        inputs: inputs.merging([name: mask]) { $1 }, mistake: .mask, blamed: [name])
      trial.refuses(wrong, by: part)
    }
    try trial.unchanged(part.run(inputs), part.run(inputs), label: "no mask")
  }
}
