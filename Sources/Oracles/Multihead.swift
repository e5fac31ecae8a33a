extension Oracle {
  /// Multi-head attention: y = W_o [head₁; …; head_H] + b_o with
  /// head_h = attention(query W_q[h], key W_k[h], value W_v[h]).
  ///
  /// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762), section 3.2.2. Head h owns rows
  /// h·D ..< (h + 1)·D of the projections. The definition of the attention gets each head as a slice of
  /// its own. With `pinverse_original_init`, which couples heads, and if each head has its own block
  /// layout, it gets them together as `[B, H, ·, D]`. A missing key is the query, a missing value is
  /// the key.
  ///
  /// Keys and values may have fewer heads, G, where G divides H: head h uses those of group ⌊h·G/H⌋
  /// ([Ainslie et al., 2023](https://arxiv.org/abs/2305.13245)). With `qk_norm`, the queries and keys
  /// of each head become x / √(mean of x² + 1e-6) ⊙ g before they are rotated: with `rms` g is a scale
  /// for each channel, with `l2` one scale for the queries
  /// ([2302.05442](https://arxiv.org/abs/2302.05442), [2010.04245](https://arxiv.org/abs/2010.04245)).
  ///
  /// An attention that makes its own heads is the whole definition: y = attention(query, key, value).
  /// One without projections gets slices of query, key and value themselves.
  ///
  /// - Options: `num_heads`; `num_kv_heads` (`num_heads`); `qk_norm` (none), `rms` or `l2`; `attention`, a group with `name` and the options of that definition;
  ///   `use_rotary_embeddings` (false), on queries and keys after projection; `attention_bias`, a
  ///   group with `name` and the options of a bias, which is added to the additive mask;
  ///   `use_separate_proj_weight` (true; false: absent key and value weights are the query's);
  ///   `dim_model`, `dim_key`, `dim_value`, which must agree with the weights if given; `heads`
  ///   (`split`), or `owned` by the attention; `input_projection` (true).
  /// - Inputs: `query` `[B, S, ·]`, `key` and `value` `[B, T, ·]`, where a batch of 1 is used for
  ///   all items; the masks of the attention.
  /// - Parameters: `q_weight` `[dim_key, ·]`, `k_weight` `[dim_key·G/H, ·]`, `v_weight`
  ///   `[dim_value·G/H, ·]`, `out_weight` `[E, dim_value]`; `q_norm` and `k_norm` `[D]` of `rms`,
  ///   `q_norm` `[1]` of `l2`; optionally `q_bias`, `k_bias`, `v_bias`, `out_bias`; those of the
  ///   attention under `attention.`, of the bias under `attention_bias.`.
  /// - State: the draws of the attention, whose names may begin with `attention.`: `[B·H, ·, ·]` for
  ///   each head of each item, otherwise the same for all heads.
  public static let multihead = Oracle(
    name: "multihead", file: "Sources/Oracles/Multihead.swift",
    supportingFiles: [
      "Sources/Oracles/Rotary.swift", "Sources/Oracles/AttentionMasks.swift",
      "Sources/Oracles/Heads.swift",
    ]
  ) { given in
    var (query, key, value) = try sources(given)
    let batch = max(query.shape[0], key.shape[0], value.shape[0])
    let call = try addingBias(given, batch, query.shape[1], key.shape[1])
    let inner = try InnerAttention(call)
    let heads = inner.heads
    query = try expanded(query, "query", to: batch, call)
    key = try expanded(key, "key", to: batch, call)
    value = try expanded(value, "value", to: batch, call)
    try checkMaskBatch(call, batch)
    if inner.ownsHeads { return try inner.answer(query, key, value) }

    let q = try split(try project(query, "q", call), heads, "q_weight", call)
    let groups = try call.integer("num_kv_heads", default: heads)
    try call.require(
      groups >= 1 && heads % groups == 0, "option `num_kv_heads`", "a divisor of \(heads)",
      got: "\(groups)")
    let k = try ofHeads(try split(try project(key, "k", call), groups, "k_weight", call), heads)
    let v = try ofHeads(try split(try project(value, "v", call), groups, "v_weight", call), heads)
    try checkWidths(call, key: (q.shape[3] * heads, k.shape[3] * heads), value: v.shape[3] * heads)
    let attended = try inner.attend(normalized(q, "q", call), normalized(k, "k", call), v)

    // Heads side by side again: [B, S, H·Dv].
    let (length, width) = (q.shape[2], v.shape[3])
    var joined = Values.zeros([batch, length, heads * width])
    for b in 0..<batch {
      for h in 0..<heads {
        for s in 0..<length {
          for d in 0..<width { joined[b, s, h * width + d] = attended[b, h, s, d] }
        }
      }
    }
    let output = try project(joined, "out", call)
    let declared = try call.integer("dim_model", default: output.shape[2])
    try call.require(
      declared == output.shape[2], "option `dim_model`",
      "\(output.shape[2]), the rows of `out_weight`",
      got: "\(declared)")
    return output
  }
}

/// The call with its bias added to its additive mask, `[B, H, S, T]`.
private func addingBias(_ call: OracleCall, _ batch: Int, _ queries: Int, _ keys: Int) throws
  -> OracleCall
{
  guard call.options["attention_bias"] ?? .none != .none else { return call }
  let options = try call.group("attention_bias")
  guard case .text(let name)? = options["name"] else {
    throw call.wrongOption("attention_bias.name", "the name of a bias", options["name"] ?? .none)
  }
  let prefix = "attention_bias."
  let heads = try call.integer("num_heads")
  var own = OracleCall(options: options, inputs: ["logits": .zeros([batch, heads, queries, keys])])
  var all = call
  all.options["attention_bias"] = nil
  for (key, value) in call.parameters where key.hasPrefix(prefix) {
    own.parameters[String(key.dropFirst(prefix.count))] = value
    all.parameters[key] = nil
  }
  var mask = try Oracles.attentionBias(name, others: call.others, in: call.oracle).evaluate(own)
  if let given = call.inputs["additive_mask"] {
    try call.require(
      (2...4).contains(given.rank) && Array(given.shape.suffix(2)) == [queries, keys],
      "input `additive_mask`", "[S, T], [B, S, T] or [B, H, S, T]", got: "\(given.shape)")
    for b in 0..<batch {
      for h in 0..<heads {
        for i in 0..<queries {
          for j in 0..<keys {
            switch given.rank {
            case 2: mask[b, h, i, j] += given[i, j]
            case 3: mask[b, h, i, j] += given[b, i, j]
            default: mask[b, h, i, j] += given[b, h, i, j]
            }
          }
        }
      }
    }
  }
  all.inputs["additive_mask"] = mask
  return all
}

/// The attention that the heads share.
private struct InnerAttention {
  let oracle: Oracle
  let heads: Int
  let rotates: Bool
  let couplesHeads: Bool
  let ownsHeads: Bool
  let call: OracleCall

  init(_ outer: OracleCall) throws {
    let projections =
      ["q", "k", "v", "out"].flatMap { ["\($0)_weight", "\($0)_bias"] } + ["q_norm", "k_norm"]
    var visible = outer
    visible.parameters = outer.parameters.filter { !$0.key.hasPrefix("attention.") }
    visible.state = [:]
    try visible.allowOnly(
      options: [
        "name", "num_heads", "num_kv_heads", "qk_norm", "dim_model", "dim_key", "dim_value",
        "attention", "bias",
        "residual_dropout", "use_rotary_embeddings", "use_separate_proj_weight", "heads",
        "input_projection",
      ],
      inputs: ["query", "key", "value"] + AttentionMasks.keys, parameters: projections)
    heads = try outer.integer("num_heads")
    try outer.require(heads >= 1, "option `num_heads`", "at least 1", got: "\(heads)")
    rotates = try outer.bool("use_rotary_embeddings", default: false)
    let ways = try outer.textIfPresent("heads") ?? "split"
    try outer.require(
      ["split", "owned"].contains(ways), "option `heads`", "split or owned", got: "`\(ways)`")
    ownsHeads = ways == "owned"
    if ownsHeads {
      let given = visible.parameters.keys.sorted()
      try outer.require(
        given.isEmpty && !rotates, "option `heads`",
        "split with projections or rotary embeddings",
        got: "`owned` with \(rotates ? "rotary embeddings" : given.joined(separator: ", "))")
    }

    let group = try outer.group("attention")
    guard case .text(let name)? = group["name"] else {
      throw OracleError(
        oracle: outer.oracle, "option `attention.name`", expected: "the name of an attention",
        got: group["name"]?.description ?? "nothing")
    }
    oracle = try Oracles.attention(name, others: outer.others, in: outer.oracle)
    couplesHeads =
      group["pinverse_original_init"] == .bool(true) || Self.hasLayoutPerHead(group["layout"])
    var inner = OracleCall(options: group)
    if !ownsHeads { inner.options["num_heads"] = .integer(couplesHeads ? heads : 1) }
    for (key, value) in outer.parameters where key.hasPrefix("attention.") {
      inner.parameters[String(key.dropFirst("attention.".count))] = value
    }
    for (key, value) in outer.state {
      let prefix = key.hasPrefix("attention.") ? "attention.".count : 0
      inner.state[String(key.dropFirst(prefix))] = value
    }
    for key in AttentionMasks.keys { inner.inputs[key] = outer.inputs[key] }
    if let skip = inner.parameters["skip"], !ownsHeads {
      try outer.require(
        skip.rank == 4 && skip.shape[0] == heads, "parameter `attention.skip`",
        "[\(heads), 1, K, 1]", got: "\(skip.shape)")
    }
    call = inner
  }

  /// The attention of whole tokens: `[B, S, E]`, `[B, T, E]`, `[B, T, E]` → `[B, S, E]`.
  func answer(_ query: Values, _ key: Values, _ value: Values) throws -> Values {
    var all = call
    all.inputs["q"] = query
    all.inputs["k"] = key
    all.inputs["v"] = value
    return try oracle.evaluate(all)
  }

  /// Whether a layout is `[H, n, n]`, not `[n, n]`.
  private static func hasLayoutPerHead(_ layout: OracleOption?) -> Bool {
    guard case .list(let heads)? = layout, case .list(let rows)? = heads.first,
      case .list? = rows.first
    else { return false }
    return true
  }

  /// The attention of all heads: `[B, H, S, D]`, `[B, H, T, D]`, `[B, H, T, Dv]` → `[B, H, S, Dv]`.
  func attend(_ q: Values, _ k: Values, _ v: Values) throws -> Values {
    let q = rotates ? try Oracle.rotary.evaluate(OracleCall(inputs: ["x": q])) : q
    let k = rotates ? try Oracle.rotary.evaluate(OracleCall(inputs: ["x": k])) : k
    if couplesHeads {
      var all = call
      all.inputs["q"] = q
      all.inputs["k"] = k
      all.inputs["v"] = v
      return try oracle.evaluate(all)
    }
    let (batch, length, width) = (q.shape[0], q.shape[2], v.shape[3])
    var output = Values.zeros([batch, heads, length, width])
    for h in 0..<heads {
      var one = call
      one.inputs["q"] = slice(q, head: h)
      one.inputs["k"] = slice(k, head: h)
      one.inputs["v"] = slice(v, head: h)
      for key in AttentionMasks.keys {
        if let mask = call.inputs[key], mask.rank == 4 { one.inputs[key] = slice(mask, head: h) }
      }
      for (key, drawn) in call.state where isByItem(drawn, batch) {
        one.state[key] = slice(drawn.reshaped([batch, heads] + drawn.shape.dropFirst()), head: h)
      }
      if let skip = call.parameters["skip"] {
        // [H, 1, K, 1] → [1, 1, K, 1]
        var ownSkip = Values.zeros([1, 1, skip.shape[2], 1])
        for tap in 0..<skip.shape[2] { ownSkip[0, 0, tap, 0] = skip[h, 0, tap, 0] }
        one.parameters["skip"] = ownSkip
      }
      let head = try oracle.evaluate(one)
      for b in 0..<batch {
        for s in 0..<length {
          for d in 0..<width { output[b, h, s, d] = head[b, s, d] }
        }
      }
    }
    return output
  }

  /// Whether something was drawn for each head of each item, `[B·H, ·, ·]`.
  private func isByItem(_ drawn: Values, _ batch: Int) -> Bool {
    drawn.rank == 3 && drawn.shape[0] == batch * heads
  }
}

/// Query, key and value with the missing ones filled in.
private func sources(_ call: OracleCall) throws -> (Values, Values, Values) {
  let query = try call.input("query")
  let key = call.inputs["key"] ?? query
  let value = call.inputs["value"] ?? key
  for (name, array) in [("query", query), ("key", key), ("value", value)] {
    try call.require(
      array.rank == 3, "input `\(name)`", "[B, length, width]", got: "\(array.shape)")
  }
  try call.require(
    value.shape[1] == key.shape[1], "input `value`", "as many tokens as `key`, \(key.shape[1])",
    got: "\(value.shape[1])")
  return (query, key, value)
}

/// An input, repeated over the batch if it has one item.
private func expanded(
  _ x: Values, _ name: String, to batch: Int, _ call: OracleCall
) throws -> Values {
  try call.require(
    x.shape[0] == batch || x.shape[0] == 1, "input `\(name)`", "a batch of \(batch) or 1",
    got: "\(x.shape[0])")
  if x.shape[0] == batch { return x }
  var output = Values.zeros([batch, x.shape[1], x.shape[2]])
  for b in 0..<batch {
    for s in 0..<x.shape[1] {
      for e in 0..<x.shape[2] { output[b, s, e] = x[0, s, e] }
    }
  }
  return output
}

/// A mask with a batch must have the batch of the call, which a single head cannot check.
private func checkMaskBatch(_ call: OracleCall, _ batch: Int) throws {
  for key in AttentionMasks.keys {
    guard let mask = call.inputs[key], key == "key_padding_mask" || mask.rank > 2 else { continue }
    try call.require(
      mask.shape.first == batch, "input `\(key)`", "a batch of \(batch)", got: "\(mask.shape)")
    if mask.rank == 4 {
      let heads = try call.integer("num_heads")
      try call.require(
        mask.shape[1] == heads, "input `\(key)`", "\(heads) heads", got: "\(mask.shape)")
    }
  }
}

/// x Wᵀ + b with the weight and bias of one of the four projections.
///
/// Without input projections, only the output has one.
private func project(_ x: Values, _ name: String, _ call: OracleCall) throws -> Values {
  let isProjected = try name == "out" || call.bool("input_projection", default: true)
  guard isProjected else { return x }
  let shares = try !call.bool("use_separate_proj_weight", default: true)
  var key = "\(name)_weight"
  if shares && (name == "k" || name == "v") && call.parameters[key] == nil { key = "q_weight" }
  let weight = try call.parameter(key)
  let bias = call.parameters["\(name)_bias"]
  let width = x.shape[2]
  try call.require(
    weight.rank == 2 && weight.shape[1] == width, "parameter `\(key)`", "[·, \(width)]",
    got: "\(weight.shape)")
  let outputWidth = weight.shape[0]
  if let bias {
    try call.require(
      bias.shape == [outputWidth], "parameter `\(name)_bias`", "[\(outputWidth)]",
      got: "\(bias.shape)")
  }
  var output = Values.zeros([x.shape[0], x.shape[1], outputWidth])
  for b in 0..<x.shape[0] {
    for s in 0..<x.shape[1] {
      for o in 0..<outputWidth {
        var sum = bias?[o] ?? 0
        for e in 0..<width { sum += weight[o, e] * x[b, s, e] }
        output[b, s, o] = sum
      }
    }
  }
  return output
}

private func checkWidths(_ call: OracleCall, key: (Int, Int), value: Int) throws {
  // With fewer heads of keys, in proportion.
  try call.require(
    key.0 == key.1, "parameter `k_weight`", "heads as wide as those of `q_weight`, \(key.0) in all",
    got: "\(key.1)")
  let declaredKey = try call.integer("dim_key", default: key.0)
  try call.require(
    declaredKey == key.0, "option `dim_key`", "\(key.0), the rows of `q_weight`",
    got: "\(declaredKey)")
  let declaredValue = try call.integer("dim_value", default: value)
  try call.require(
    declaredValue == value, "option `dim_value`", "\(value), the rows of `v_weight`",
    got: "\(declaredValue)")
}
