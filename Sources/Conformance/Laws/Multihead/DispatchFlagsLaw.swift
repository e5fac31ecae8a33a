internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// M08: an attention gets its tokens as it claims to want them: folded, with heads as an axis, or
  /// whole; projected or not; and only lengths that it accepts. One that makes its own heads gives the
  /// output itself.
  ///
  /// The attention is one that records what it gets, in the place of the part's own.
  static let dispatchFlags = Law(
    .dispatchFlags, trials: 24, witness: "headsFolded",
    plan: ScenarioPlan(sameLength: true) { draft in
      [.tensor("another key", draft.query), .tensor("another value", draft.query)]
    }
  ) { setting, trial in
    // The part under judgement says how long and wide the tokens are.
    let query = try setting.inputs().tensor("query")
    let reference = try setting.part().run(setting.inputs())
    try trial.equal(
      reference, setting.part().run(setting.inputs()), .bits, label: "the part's own attention")
    let (key, value) = (try setting.extra("another key"), try setting.extra("another value"))
    let pairs = try Tensor.full([query.size(1), query.size(1)], 1, .bool).lowerTriangle()
    let tokens = try Tensor.full([query.size(0), query.size(1)], 1, .bool)
    for wants in [HeadsClaim.folded, .explicit, .owned] {
      for isProjected in wants == .owned ? [true] : [true, false] {
        let dispatch = try recorder(setting, wants, isProjected: isProjected)
        let output = try dispatch(
          query, key, value, masks: Masks(attention: pairs, keyPadding: tokens))
        let expected = try received(dispatch, [query, key, value]) + [pairs, tokens]
        let found = (dispatch.attention as? RecordingAttention)?.received ?? []
        let what = "\(wants.rawValue) heads\(isProjected ? "" : ", not projected")"
        trial.expect(
          found.count == expected.count, label: what, "\(what): \(found.count) tensors came")
        for (name, pair) in zip(
          ["q", "k", "v", "att_mask", "key_padding_mask"], zip(found, expected))
        {
          try trial.unchanged(pair.0, pair.1, label: "\(what): \(name)")
        }
        if wants == .owned { try trial.unchanged(output, query * 2, label: "\(what): the output") }
      }
    }
    let squares = try recorder(setting, .folded, isSquared: true)
    for length in 1...5 {
      let x = try Tensor.zeros([1, length, query.size(2)], .float64)
      if length == 1 || length == 4 {
        try trial.expect(squares(x).shape == x.shape, label: "a square of \(length) tokens")
      } else {
        let wrong = WrongCall(
          label: "\(length) tokens, no square", inputs: ["query": x, "key": x, "value": x],
          mistake: .shape, blamed: ["query", "key", "value"])
        trial.refuses(wrong, by: squares)
      }
    }
  }
}

/// A dispatch of the scenario's width and heads around an attention that records.
private func recorder(
  _ setting: Setting, _ wants: HeadsClaim, isProjected: Bool = true, isSquared: Bool = false
) throws -> MultiHeadDispatch {
  let registry = try setting.subject.registry.adding([RecordingAttention.entry])
  let lengths = setting.scenario.lengths
  let config: JSON = [
    "dim_model": .integer(lengths[.modelWidth]), "num_heads": .integer(lengths[.heads]),
    "attention": [
      "name": .string(RecordingAttention.entry.name), "wants": .string(wants.rawValue),
      "is_projected": .bool(isProjected), "is_squared": .bool(isSquared),
    ],
  ]
  let built = try registry.build(
    .multihead, RecordingAttention.entry.name, config,
    generator: Generator(seed: setting.scenario.parameterSeed)
  ).part
  guard let dispatch = built as? MultiHeadDispatch else {
    throw KitError("a multi-head part is a \(type(of: built)) instead of a dispatch")
  }
  try dispatch.to(.float64)
  dispatch.eval()
  return dispatch
}

/// The query, key and value that the attention of a dispatch should get.
private func received(_ dispatch: MultiHeadDispatch, _ tokens: [Tensor]) throws -> [Tensor] {
  let wants = dispatch.attention.claims.heads
  guard wants != .owned else { return tokens }
  let heads = dispatch.config.numHeads
  let layers = [
    dispatch.inputProjection?.query, dispatch.inputProjection?.key, dispatch.inputProjection?.value,
  ]
  return try zip(tokens, layers).map { tokens, layer in
    // The layer itself, since bits are compared.
    let projected = try layer?(tokens).detached() ?? tokens
    let width = projected.size(2) / heads
    let split = try Tensor.stack(
      (0..<heads).map { try projected.slice(2, $0 * width..<($0 + 1) * width) }, 1)
    return wants == .explicit ? split : try split.folded()
  }
}
