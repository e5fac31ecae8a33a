internal import Torch

extension NaiveForm {
  /// Σₘ (qₙ·k̄ₘ + qₙ·E[m − n + L − 1]) vₘ, k̄ the softmax of the keys over positions.
  static let lambda = NaiveForm("lambda") { call in
    let attention = try NaiveAttention(call)
    let (query, length) = (attention.query, attention.key.size(1))
    let table = try call.parameter("rel_pos_emb")
    let middle = table.size(0) / 2
    let keys = try Elementary.softmax(attention.key.transposed())
    var rows: [Tensor] = []
    for n in 0..<length {
      // [1, S, D]: where every token lies, seen from token n.
      let seen = try table.slice(0, middle - n..<middle - n + length).unsqueezed(0)
      rows.append(try (query.slice(1, n..<n + 1) * seen).sum(-1))
    }
    let weights = try query.matmul(keys) + Tensor.stack(rows, 1)
    return try attention.shaped(weights.matmul(attention.value))
  }
}
