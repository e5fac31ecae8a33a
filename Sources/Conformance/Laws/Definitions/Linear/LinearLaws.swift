internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LNR1: the recurrent form, which adds φ(kⱼ) vⱼᵀ and φ(kⱼ) to its state token by token and reads
  /// φ(qᵢ) from it, gives the same outputs; causal, after each key, otherwise after the last.
  ///
  /// Logarithms of features need more digits than narrower types have: there the output is that of a
  /// wider type, rounded.
  static let recurrentForm = Law(
    .recurrentForm, trials: 40, witness: "linearNegativeConstant",
    dtypes: DType.floating, needs: [.definition("linear")]
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let output = try part.run(inputs)
    guard setting.dtype == .float64 else {
      let wider: DType = setting.dtype == .float32 ? .float64 : .float32
      try expectRounded(part, inputs, output, from: wider, setting, &trial)
      return
    }
    let query = try inputs.tensor("q").folded()
    let (key, value) = (try inputs.tensor("k").folded(), try inputs.tensor("v").folded())
    // Below, products of features underflow.
    for x in [query, key] { try trial.assume((x * -1).maximum().item() < 300) }
    let real = try inputs["key_padding_mask"]?.marks(for: key.size(0)).to(.float64)
    var state = try RecurrentState(width: key.size(-1), value)
    var rows: [Tensor] = []
    let isCausal = try setting.definition.options["causal"]?.bool ?? false
    for token in 0..<key.size(1) {
      try state.add(key.index(1, token), value.index(1, token), real: real?.index(1, token))
      if isCausal { rows.append(try state.read(query.index(1, token))) }
    }
    if !isCausal { rows = try (0..<query.size(1)).map { try state.read(query.index(1, $0)) } }
    try trial.equal(
      output, Tensor.stack(rows, 1).reshaped(output.shape), .exact(), label: "the recurrent form")
  }

  /// LNR2: keys that are all equal, of whatever length, give the mean of the values seen.
  static let equalKeys = Law(
    .equalKeys, trials: 16, witness: "linearDenominatorShifted", needs: [.definition("linear")]
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let key = try call.key
    let equal = try call.with(key: key.slice(-2, 0..<1).expanded(key.shape))
    let visible = try Visibility(call, setting.claims, part).tensor.to(.float64)
    let count = try visible.sum(-1, keep: true)
    let mean = try (visible / count.filled(1, where: count.equals(0))).matmul(call.value.folded())
    let output = try part.run(equal.tensors)
    try trial.equal(
      output, mean.reshaped(output.shape), .exact(), label: "the mean of the values")
  }

  /// LNR3: a factor on the features of a query, or of all keys, cancels: one number, however low,
  /// added to tokens below 0, or x + 1 stretched in tokens above 0. A query that is far below 0 in all
  /// channels weighs keys by φ of its highest channel alone.
  static let featureScale = Law(
    .featureScale, trials: 16, witness: "linearUnderflow", needs: [.definition("linear")],
    plan: ScenarioPlan(fills: .small) { draft in
      [
        .number("depth", below: 1000), .number("stretch", below: 50),
        .number("highest channel", below: draft.query.last ?? 1),
      ]
    }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let (query, key) = (try call.query.abs(), try call.key.abs())
    let depth = 1 + Double(try setting.number("depth"))
    let low = try part.run(call.with(query: query * -1, key: key * -1).tensors)
    let deep = try call.with(query: query * -1 - depth, key: key * -1 - depth)
    try trial.equal(part.run(deep.tensors), low, .exact(), label: "tokens below 0, lowered")
    let stretch = 2 + Double(try setting.number("stretch"))
    let high = try part.run(call.with(query: query, key: key).tensors)
    func stretched(_ x: Tensor) throws -> Tensor { try (x + 1) * stretch - 1 }
    let long = try call.with(query: stretched(query), key: stretched(key))
    try trial.equal(part.run(long.tensors), high, .exact(), label: "tokens above 0, stretched")
    let channel = try setting.number("highest channel")
    let depths = (0..<query.size(-1)).map { $0 == channel ? -1e30 : -2e30 }
    let bottom = try call.with(
      query: Tensor(depths, shape: [depths.count]).expanded(query.shape))
    let features = try phi(call.key.folded().index(2, channel)).unsqueezed(1)
    let weights = try Visibility(call, setting.claims, part).tensor.to(.float64) * features
    let sum = try weights.sum(-1, keep: true)
    let expected = try weights.matmul(call.value.folded()) / sum.filled(1, where: sum.equals(0))
    try trial.equal(
      part.run(bottom.tensors), expected.reshaped(high.shape), .exact(),
      label: "a query far below 0")
  }
}

/// elu(x) + 1.
private func phi(_ x: Tensor) throws -> Tensor { try x.relu() + x.clamp(nil, 0).exp() }

/// The sums over the keys that a recurrent linear attention has seen.
private struct RecurrentState {
  /// Σⱼ φ(kⱼ) vⱼᵀ, `[N, D, V]`.
  private var values: Tensor
  /// Σⱼ φ(kⱼ), `[N, D]`.
  private var weights: Tensor

  init(width: Int, _ value: Tensor) throws {
    let items = value.size(0)
    values = try Tensor.zeros([items, width, value.size(-1)], .float64)
    weights = try Tensor.zeros([items, width], .float64)
  }

  /// Adds a key `[N, D]` and its value `[N, V]`, where it is real, `[N]`.
  mutating func add(_ key: Tensor, _ value: Tensor, real: Tensor?) throws {
    var features = try phi(key)
    if let real { features = try features * real.unsqueezed(-1) }
    values = try values + features.unsqueezed(2) * value.unsqueezed(1)
    weights = try weights + features
  }

  /// The output for a query `[N, D]`, `[N, V]`.
  func read(_ query: Tensor) throws -> Tensor {
    let features = try phi(query)
    let sum = try (features * weights).sum(-1, keep: true)
    return try (features.unsqueezed(2) * values).sum(1) / sum.filled(1, where: sum.equals(0))
  }
}
