internal import Torch

extension NaiveForm {
  /// softmax(q Λᵀ/√D) (softmax(Λ kᵀ/√D) v), or softmax(q kᵀ/√D) v if m ≥ min(S, T).
  static let orthoformer = NaiveForm("orthoformer", choosesQueries: true) { call in
    let attention = try NaiveAttention(call)
    let count = call.integer("num_landmarks", default: 32)
    guard count < min(attention.query.size(1), attention.key.size(1)) else {
      return try attention.attended()
    }
    guard let landmarks = call.drawn["landmarks"] else {
      throw KitError("the naive form of orthoformer needs the draw `landmarks`")
    }
    let inner = try Elementary.weights(landmarks, attention.key).matmul(attention.value)
    return try attention.shaped(Elementary.weights(attention.query, landmarks).matmul(inner))
  }
}
