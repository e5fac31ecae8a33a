internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A05: replacing hidden keys and values by huge ones changes nothing.
  ///
  /// Rejects `paddingBatchZero` in 45% of trials, which sets the budget.
  static let maskedContentIrrelevance = Law(
    .maskedContentIrrelevance, trials: 24, witness: "paddingInverted",
    dtypes: [.float64, .float32], needs: [.someMask],
    deciding: MaskKind.allCases.map(Capability.mask), plan: ScenarioPlan(masks: .always())
  ) { setting, trial in
    let contents: [Content] = [
      (
        "other content behind the mask",
        { key, value, query in
          let size = query % 2 == 0 ? 1e4 : -1e4
          return (try alternating(key, size), try alternating(value, -size))
        }
      )
    ]
    try expectIrrelevant(contents, isExact: true, setting, &trial)
  }

  /// What replaces hidden keys and values, given those of the call and a query.
  typealias Content = (
    label: String, replacements: (Tensor, Tensor, Int) throws -> (key: Tensor, value: Tensor)
  )

  /// Checks that replacing keys and values leaves every output that cannot see them as it was.
  ///
  /// - Parameter isExact: to the last bit; otherwise within T2, in narrower types a few roundings.
  static func expectIrrelevant(
    _ contents: [Content], isExact: Bool, _ setting: Setting, _ trial: inout Trial
  ) throws {
    let part = try setting.part()
    let shared = try AttentionCall(setting, part)
    // Tensors of their own: a dispatch projects one shared tensor by a single product.
    let call = try shared.with(key: shared.key.clone(), value: shared.value.clone())
    let visibility = try Visibility(call, setting.claims, part)
    trial.cover(0.2, "a hidden pair", visibility.hidesSomething)
    let before = try part.run(call.tensors)
    let tolerance: Tolerance =
      try isExact
      ? .bits
      : setting.dtype == .float64
        ? .exact()
        : .rounding(
          naive: 0, unit: setting.dtype.unitRoundoff,
          scale: before.detached().abs().filled(0, where: .!before.isFinite()).maximum().item())
    for query in 0..<visibility.queries {
      let seen = try visibility.keysSeen(by: query, like: call.key)
      if try seen.allTrue() { continue }
      for content in contents {
        let other = try content.replacements(call.key, call.value, query)
        let changed = try call.with(
          key: seen.select(call.key, else: other.key),
          value: seen.select(call.value, else: other.value))
        try trial.equal(
          part.run(changed.tensors).index(-2, query), before.index(-2, query), tolerance,
          label: content.label)
      }
    }
  }
}

extension Visibility {
  /// Whether one query of each item sees a key: Boolean `[…, T, 1]`, with the leading axes of a
  /// tensor.
  fileprivate func keysSeen(by query: Int, like key: Tensor) throws -> Tensor {
    let values = (0..<items).flatMap { n in (0..<keys).map { self[n, query, $0] } }
    return try Tensor(values, shape: key.shape.dropLast(2) + [keys, 1])
  }
}

/// Numbers of one magnitude with alternating signs along the tokens, in the shape of a tensor.
private func alternating(_ like: Tensor, _ size: Double) throws -> Tensor {
  let count = like.size(-2)
  let column = try Tensor((0..<count).map { $0 % 2 == 0 ? size : -size }, shape: [count, 1])
  return try column.to(like.dtype).expanded(like.shape)
}
