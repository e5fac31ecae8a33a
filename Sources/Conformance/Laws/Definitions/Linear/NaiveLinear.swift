internal import Torch

extension NaiveForm {
  /// Σⱼ wᵢⱼ vⱼ / Σⱼ wᵢⱼ with wᵢⱼ = Σ_d φ(qᵢ)_d · φ(kⱼ)_d, φ(x) = (1 + max(x, 0))·exp(min(x, 0)), the
  /// largest exponent of each row subtracted.
  static let linear = NaiveForm("linear") { call in
    var attention = try NaiveAttention(call)
    if call.bool("causal", default: false) { try attention.restrict { $1 <= $0 } }
    let query = try attention.query.unsqueezed(2)
    let key = try attention.key.keeping(attention.real).unsqueezed(1)
    // Query first, so that a number far below 0 leaves digits to the key.
    let low = try query.clamp(nil, 0)
    var powers = try low - low.maximum(-1, keep: true) + key.clamp(nil, 0)
    if let allowed = attention.allowed {
      powers = try powers.filled(-.infinity, where: .!allowed.unsqueezed(-1))
    }
    let largest = try powers.maximum(-1, -2, keep: true)
    let base = try largest.filled(0, where: largest.equals(-.infinity))
    let factors = try (query.relu() + 1) * (key.relu() + 1)
    let weights = try (factors * (powers - base).exp()).sum(-1)
    let sum = try weights.sum(-1, keep: true)
    return try attention.shaped(
      (weights / sum.filled(1, where: sum.equals(0)))
        .matmul(attention.value.keeping(attention.real)))
  }
}
