internal import JSON
internal import Parts
internal import Torch

extension Need {
  /// The dispatch splits heads and projects the result.
  static let splitHeads = Need("makes its own heads") {
    $0.definition?.oracle == "multihead" && $0.definition?.options["heads"] == nil
  }
  /// The attention takes whole tokens.
  static let ownHeads = Need("heads are split") { $0.definition?.options["heads"] != nil }
  /// The dispatch projects tokens before it splits them into heads.
  static let projectedHeads = Need("no input projections") {
    $0.definition?.parameters["q_weight"] != nil
  }
  /// Queries and keys are multiplied as they are projected.
  static let notNormalized = Need("always normalizes queries and keys") {
    $0.definition?.options["qk_norm"] == nil
  }
  /// No rotary embedding is applied to queries and keys.
  static let notTurned = Need("always uses rotary embeddings") {
    $0.definition?.options["use_rotary_embeddings"]?.bool != true
  }
  /// A rotary embedding is applied to queries and keys.
  static let turned = Need("never uses rotary embeddings") {
    $0.definition?.options["use_rotary_embeddings"]?.bool == true
  }
  /// Nothing inside belongs to a single head.
  static let headsAlike = Need("heads have separate weights") {
    $0.definition?.parameters["attention.skip"] == nil
  }
}

/// A dispatch in one call.
struct DispatchProblem {
  let setting: Setting
  let dispatch: MultiHeadDispatch

  /// Builds the part.
  ///
  /// - `change`: overrides options of the dispatch.
  init(_ setting: Setting, _ change: (inout MultiHeadConfig) -> Void = { _ in }) throws {
    var config = try MultiHeadConfig.decode(setting.scenario.config)
    change(&config)
    let part = try setting.part(in: config.json)
    guard let dispatch = part as? MultiHeadDispatch else {
      throw KitError("expected a multi-head dispatch, got a \(type(of: part))")
    }
    self.setting = setting
    self.dispatch = dispatch
  }

  /// The number of heads.
  var heads: Int { dispatch.config.numHeads }

  /// The output of the dispatch.
  func output(_ inputs: [String: Tensor]) throws -> Tensor { try dispatch.run(inputs) }

  /// The tokens of one of `heads`, projected if there are projections, `[B, L, D]`.
  func slice(_ tokens: Tensor, _ layer: Linear?, head: Int, of heads: Int) throws -> Tensor {
    let width = (layer?.weight.value.size(0) ?? tokens.size(2)) / heads
    let rows = head * width..<(head + 1) * width
    guard let layer else { return try tokens.slice(2, rows) }
    let product = try tokens.matmul(layer.weight.value.detached().slice(0, rows).transposed())
    guard let bias = layer.bias else { return product }
    return try product + bias.value.detached().slice(0, rows)
  }

  /// The tokens of all heads, `[B, H, L, D]`; neighbours share those of one of `groups`.
  func slices(_ tokens: Tensor, _ layer: Linear?, groups: Int) throws -> Tensor {
    try Tensor.stack(
      (0..<heads).map { head in
        try slice(tokens, layer, head: head / (heads / groups), of: groups)
      }, 1)
  }

  /// Queries or keys over their root mean square, as the options say, in double precision.
  private func normalized(_ x: Tensor, _ role: String) throws -> Tensor {
    guard dispatch.config.qkNorm != nil else { return x }
    let wide = try x.to(.float64)
    let rows = try wide / ((wide * wide).mean(-1, keep: true) + 0.000_001).sqrt()
    let scale = dispatch.stateDict["\(role)_norm.weight"]
    return try (scale.map { try rows * $0.detached() } ?? rows).to(x.dtype)
  }

  /// Σ_h attention(x W_q[h], x W_k[h], x W_v[h]) W_o[h] + b, with the attention's oracle.
  ///
  /// - `turning`: applied to the queries and keys of each head.
  func loop(
    _ inputs: [String: Tensor], turning: (Tensor) throws -> Tensor = { $0 }
  ) throws -> Tensor {
    guard let last = dispatch.outputProjection else {
      throw KitError("the dispatch has no output projection")
    }
    let query = try inputs.tensor("query")
    let key = inputs["key"] ?? query
    let value = inputs["value"] ?? key
    let projections = dispatch.inputProjection
    var heads = inputs.filter { $0.key.hasSuffix("_mask") }
    let groups = dispatch.config.keyHeads
    heads["q"] = try turning(
      normalized(slices(query, projections?.query, groups: self.heads), "q"))
    heads["k"] = try turning(normalized(slices(key, projections?.key, groups: groups), "k"))
    heads["v"] = try slices(value, projections?.value, groups: groups)
    if dispatch.attention.claims.heads == .folded {
      for name in ["q", "k", "v"] { heads[name] = try heads.tensor(name).folded() }
    }
    let attended = try setting.subject.oracles.evaluate(dispatch.attention, heads)
      .reshaped([query.size(0), self.heads, query.size(1), -1])
    let weight = try last.weight.value.detached().to(.float64)
    let width = attended.size(3)
    var sum: Tensor?
    for head in 0..<self.heads {
      let columns = try weight.slice(1, head * width..<(head + 1) * width)
      let term = try attended.index(1, head).matmul(columns.transposed())
      sum = try sum.map { try $0 + term } ?? term
    }
    guard let sum else { throw KitError("the dispatch has no heads") }
    guard let bias = last.bias else { return sum }
    return try sum + bias.value.detached()
  }
}
