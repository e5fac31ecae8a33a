internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LIN3: S tokens use the first S columns of both projections, and padded tokens count as zeros;
  /// there is a slot for every four tokens of the longest call if their number is not given, which
  /// is refused if they are fewer.
  ///
  /// Checked in three ways: the output equals full attention over the slots E[..<S] k and F[..<S]
  /// v; columns from S on do not affect a bit; and appending zero tokens to keys and values changes
  /// nothing.
  static let prefixProjection = Law(
    .prefixProjection, trials: 36, witness: "linformerLastColumns", needs: [.linformer],
    plan: ScenarioPlan(fills: .distinct, minimumLength: 2)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let (query, key, value) = (
      try inputs.tensor("q"), try inputs.tensor("k"), try inputs.tensor("v")
    )
    let length = key.size(-2)
    let roles = try ["E": setting.key(of: "E"), "F": setting.key(of: "F")]
    let state = try roles.mapValues { try part.stateDict.tensor($0).detached() }
    let columns = try state.mapValues { try $0.slice(1, 0..<length) }
    let marks = try inputs["key_padding_mask"]?.marks(for: key.folded().size(0))
    trial.classify("S < L", try state.tensor("E").size(1) > length)
    let output = try part.run(inputs)
    let slots = [
      "q": try query.folded(),
      "k": try columns.tensor("E").matmul(key.folded().keeping(marks)),
      "v": try columns.tensor("F").matmul(value.folded().keeping(marks)),
    ]
    try trial.equal(
      output, setting.fullAttention(slots).reshaped(output.shape), .exact(), label: "slots")

    let longest = try state.tensor("E").size(1)
    if let key = try setting.key(setting: "k", to: 1) {
      if longest >= 4 {
        let usual = try setting.part([key: .null]).stateDict.tensor(setting.key(of: "E")).size(0)
        trial.expect(
          usual == longest / 4, label: "the usual slots",
          "\(usual) slots for \(longest) tokens, expected a quarter, rounded down")
      } else {
        trial.throwsError(PartError.self, label: "no slots for \(longest) tokens") {
          _ = try setting.part([key: .null])
        }
      }
    }
    guard longest > length else { return }
    for (role, name) in roles {
      let rest = try state.tensor(role).slice(1, length..<longest) + 50
      try part.load([name: Tensor.cat([columns.tensor(role), rest], 1)], strict: false)
    }
    try trial.unchanged(part.run(inputs), output, label: "columns beyond the tokens")
    for (role, name) in roles { try part.load([name: state.tensor(role)], strict: false) }

    var longer = inputs
    let extra = [0, 0, 0, longest - length]
    longer["k"] = try key.padded(extra)
    longer["v"] = try value.padded(extra)
    if !setting.claims.crossLength { longer["q"] = try query.padded(extra) }
    // Appended tokens are real: they have no effect because they are zeros.
    if let mask = inputs["key_padding_mask"] {
      longer["key_padding_mask"] = try Tensor.cat(
        [mask, Tensor.full([mask.size(0), longest - length], 1, .bool)], 1)
    }
    try trial.equal(
      part.run(longer).slice(-2, 0..<query.size(-2)), output, .exact(), label: "zeros appended")
  }
}
