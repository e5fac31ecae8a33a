internal import Torch

extension NaiveForm {
  /// softmax(q (E k)ᵀ/√D) (F v).
  static let linformer = NaiveForm("linformer") { call in
    let attention = try NaiveAttention(call)
    func slots(_ tokens: Tensor, _ role: String) throws -> Tensor {
      try call.parameter(role).slice(1, 0..<tokens.size(1))
        .matmul(tokens.keeping(attention.real))
    }
    let (keys, values) = (try slots(attention.key, "E"), try slots(attention.value, "F"))
    let weights = try Elementary.weights(attention.query, keys)
    return try attention.shaped(call.dropping(weights, at: "weights").matmul(values))
  }
}
