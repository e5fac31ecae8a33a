internal import JSON
internal import Torch

extension NaiveForm {
  /// Σⱼ wᵢⱼ vⱼ / Σⱼ wᵢⱼ with wᵢⱼ = Σᵣ exp(ωᵣ·(qᵢ' + kⱼ') − ‖qᵢ'‖²/2 − ‖kⱼ'‖²/2), the largest
  /// exponent of each row subtracted.
  static let favor = NaiveForm("favor") { call in
    var attention = try NaiveAttention(call)
    if call.bool("causal", default: false) {
      try attention.restrict(past: attention.key.size(1), future: 0)
    }
    guard let vectors = call.drawn["features"] else {
      throw KitError("the naive form of favor needs the draw `features`")
    }
    let logs = try Elementary.featureLogarithms(
      attention.query, attention.key.keeping(attention.real), vectors,
      isOneSided: call.options["feature_map"]?.string == "sm_orf")
    var powers = logs
    if let allowed = attention.allowed {
      powers = try logs.filled(-.infinity, where: .!allowed.unsqueezed(-1))
    }
    let largest = try powers.maximum(-1, -2, keep: true)
    let base = try largest.filled(0, where: largest.equals(-.infinity))
    // The features are added up last, as where their sums over the keys are kept.
    let weights = try (powers - base).exp().transposed()
    let values = try weights.matmul(attention.value.keeping(attention.real).unsqueezed(1)).sum(-2)
    let sum = try weights.sum(-1).sum(-1, keep: true)
    return try attention.shaped(values / sum.filled(1, where: sum.equals(0)))
  }
}

extension Elementary {
  /// ln(φᵣ(qᵢ)·φᵣ(kⱼ)) without its constant: ±ωᵣ·(qᵢ' + kⱼ') − ‖qᵢ'‖²/2 − ‖kⱼ'‖²/2, x' = x/D^¼.
  ///
  /// Shapes: `[N, S, D]`, `[N, T, D]`, vectors `[D, F]` → `[N, S, T, F]`, or twice as many features
  /// unless one-sided.
  static func featureLogarithms(
    _ query: Tensor, _ key: Tensor, _ vectors: Tensor, isOneSided: Bool
  ) throws -> Tensor {
    let scale = 1 / Double(query.size(-1)).squareRoot().squareRoot()
    func logarithms(_ x: Tensor) throws -> Tensor {
      let tokens = try x * scale
      let products = try tokens.matmul(vectors)
      let all = isOneSided ? products : try Tensor.cat([products, products * -1], -1)
      return try all - (tokens * tokens).sum(-1, keep: true) * 0.5
    }
    return try logarithms(query).unsqueezed(2) + logarithms(key).unsqueezed(1)
  }
}
