internal import Torch

extension NaiveForm {
  /// softmax(q Λᵀ/√D) (softmax(Λ kᵀ/√D) v), or softmax(q kᵀ/√D) v if m ≥ min(S, T).
  static let orthoformer = NaiveForm(
    "orthoformer", hasTies: { try hasTies($0.input("q")) }
  ) { call in
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

  /// Whether two pairs of queries of a head form the same angle, up to rounding.
  private static func hasTies(_ query: Tensor) throws -> Bool {
    let tokens = try query.folded()
    let lengths = try (tokens * tokens).sum(-1, keep: true).sqrt()
    let directions = try tokens / (lengths + .leastNormalMagnitude)
    let cosines = try directions.matmul(directions.transposed()).doubles()
    let (items, count) = (tokens.size(0), tokens.size(1))
    return (0..<items).contains { item in
      let angles = (0..<count).flatMap { i in
        (0..<i).map { cosines[(item * count + i) * count + $0] }
      }.sorted()
      // Those of equal queries are 1, like each query's with itself.
      return angles.last ?? 0 > 1 - Threshold.choiceGap
        || zip(angles, angles.dropFirst()).contains { $1 - $0 < Threshold.choiceGap }
    }
  }
}
