internal import Torch

extension NaiveForm {
  /// W_o [o₁; …; o_H] + b_o, o_h being the retrievals of head h weighted by a softmax of their
  /// scores.
  static let compositional = NaiveForm("compositional") { call in
    let (query, key) = (try call.input("q"), try call.input("k"))
    let heads = call.integer("num_heads", default: 1)
    let rules = call.integer("num_rules", default: heads)
    let (batch, length) = (query.size(0), query.size(1))

    func affine(_ x: Tensor, _ layer: String) throws -> Tensor {
      let product = try x.matmul(call.parameter("\(layer)_weight").transposed())
      guard let bias = call.parameters["\(layer)_bias"] else { return product }
      return try product + bias
    }
    func projected(_ x: Tensor, _ letter: String) throws -> Tensor {
      try affine(x, call.parameters["\(letter)_weight"] == nil ? "q" : letter)
    }
    func split(_ x: Tensor, _ parts: Int) throws -> Tensor {
      try x.reshaped([batch, x.size(1), parts, -1]).transposed(1, 2)
    }
    let queries = try split(projected(query, "q"), heads)
    let keys = try split(projected(key, "k"), heads)
    let values = try split(projected(call.input("v"), "v"), rules)

    // Masks apply to heads folded into the batch.
    var folded = call
    folded.inputs["q"] = try queries.folded()
    folded.inputs["k"] = try keys.folded()
    folded.inputs["v"] = try keys.folded()
    var attention = try NaiveAttention(folded)
    if call.bool("causal", default: false) {
      try attention.restrict(past: key.size(1), future: 0)
    }
    let weights = try Elementary.weights(
      attention.query, attention.key, allowed: attention.allowed, bias: attention.bias)
    // [B, H, R, S, V]
    let retrieved = try call.dropping(weights, at: "weights")
      .reshaped([batch, heads, 1, length, -1]).matmul(values.unsqueezed(1))

    var sought: Tensor
    if call.bool("q_compose", default: false) {
      sought = try affine(queries * (1 / Double(queries.size(-1)).squareRoot()), "value_q")
    } else {
      sought = try split(affine(query, "value_q"), heads)
    }
    let width = sought.size(-1)
    sought = try sought.unsqueezed(2).expanded([-1, -1, rules, -1, -1])
    let scores: Tensor
    if call.bool("qk_rule", default: false) {
      scores = try (sought * (1 / Double(width).squareRoot()) * affine(retrieved, "value_k"))
        .sum(-1, keep: true)
    } else {
      let first = try affine(Tensor.cat([retrieved, sought], -1), "score1")
      scores =
        call.bool("nonlinear", default: false)
        ? try affine((first .> 0).select(first, else: first * 0), "score2") : first
    }
    let picks = try Elementary.softmax(scores.transposed(2, -1)).transposed(2, -1)
    let picked = try (picks * retrieved).sum(2)
    return try affine(picked.transposed(1, 2).reshaped([batch, length, -1]), "out")
  }
}
