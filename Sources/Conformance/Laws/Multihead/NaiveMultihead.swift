internal import JSON
internal import Torch

extension NaiveForm {
  /// W_o [head₁; …; head_H] + b_o, each head the wrapped attention of projected tokens; an
  /// attention that makes its own heads is used alone.
  static let multihead = NaiveForm(
    "multihead",
    condition: { call in
      let inner = try attention(call)
      return try inner.form.condition(inner.call)
    },
    hasTies: { call in
      let inner = try attention(call)
      return try inner.form.hasTies(inner.call)
    },
    wraps: { options in
      ["attention", "attention_bias"].compactMap { options[$0].map { $0["name"]?.string ?? "?" } }
    }
  ) { call in
    let inner = try attention(call)
    let attended = try inner.form.evaluate(inner.call)
    if ownsHeads(call) { return attended }
    let heads = call.integer("num_heads", default: 1)
    let (length, width) = (attended.size(-2), attended.size(-1))
    let joined = try attended.reshaped([-1, heads, length, width]).transposed(1, 2)
      .reshaped([-1, length, heads * width])
    return try affine(joined, call, "out")
  }

  private static func ownsHeads(_ call: NaiveCall) -> Bool {
    call.options["heads"]?.string == "owned"
  }

  /// The wrapped attention and its call, with heads folded into the batch unless it makes its own.
  private static func attention(_ call: NaiveCall) throws -> (form: NaiveForm, call: NaiveCall) {
    let options = call.options["attention"] ?? [:]
    let form = try call.book.form(options["name"]?.string ?? "?")
    let heads = call.integer("num_heads", default: 1)
    let query = try call.input("query")
    let key = call.inputs["key"] ?? query
    let value = call.inputs["value"] ?? key
    let batch = max(query.size(0), key.size(0), value.size(0))

    func split(_ tokens: Tensor, _ role: String) throws -> Tensor {
      if ownsHeads(call) { return try tokens.expanded([batch, -1, -1]) }
      let isProjected = call.bool("input_projection", default: true)
      let projected = isProjected ? try affine(tokens, call, role) : tokens
      let groups = role == "q" ? heads : call.integer("num_kv_heads", default: heads)
      let split = try projected.reshaped([tokens.size(0), tokens.size(1), groups, -1])
        .transposed(1, 2).picked(1, (0..<heads).map { $0 * groups / heads })
      let folded = role == "v" ? split : try normalized(split, role, call)
      return try folded.expanded([batch, -1, -1, -1])
        .reshaped([batch * heads, tokens.size(1), -1])
    }
    var (queries, keys) = (try split(query, "q"), try split(key, "k"))
    if call.bool("use_rotary_embeddings", default: false) {
      queries = try RotaryTable(queries).turned(queries)
      keys = try RotaryTable(keys).turned(keys)
    }
    var inner = call.inputs.filter { ["att_mask", "key_padding_mask"].contains($0.key) }
    inner["q"] = queries
    inner["k"] = keys
    inner["v"] = try split(value, "v")
    func own(_ tensors: [String: Tensor], _ prefix: String = "attention.") -> [String: Tensor] {
      return Dictionary(
        tensors.filter { $0.key.hasPrefix(prefix) }
          .map { (String($0.key.dropFirst(prefix.count)), $0.value) },
        uniquingKeysWith: { first, _ in first })
    }
    if let options = call.options["attention_bias"] {
      let logits = try Tensor.zeros([batch, heads, query.size(1), key.size(1)], query.dtype)
      let bias = try call.book.form(options["name"]?.string ?? "?").evaluate(
        NaiveCall(
          options: options, inputs: ["logits": logits],
          parameters: own(call.parameters, "attention_bias."), book: call.book))
      inner["att_mask"] = try bias.added(to: inner["att_mask"])
    }
    var wrapped = NaiveCall(
      options: options, inputs: inner, parameters: own(call.parameters), drawn: call.drawn,
      book: call.book)
    wrapped.dropped = own(call.dropped)
    return (form, wrapped)
  }

  /// Queries or keys over their root mean square, times the scale of the option `qk_norm`.
  private static func normalized(_ x: Tensor, _ role: String, _ call: NaiveCall) throws -> Tensor {
    guard call.options["qk_norm"]?.string != nil else { return x }
    // As part of the definition, in double precision, rounded once.
    let wide = try x.to(.float64)
    let rows = try wide / ((wide * wide).mean(-1, keep: true) + 0.000_001).sqrt()
    return try (call.parameters["\(role)_norm"].map { try rows * $0 } ?? rows).to(x.dtype)
  }

  /// x Wᵀ + b; a projection without a weight uses that of the queries.
  private static func affine(_ x: Tensor, _ call: NaiveCall, _ role: String) throws -> Tensor {
    let weight = try call.parameters["\(role)_weight"] ?? call.parameter("q_weight")
    let product = try x.matmul(weight.transposed())
    guard let bias = call.parameters["\(role)_bias"] else { return product }
    return try product + bias
  }
}
