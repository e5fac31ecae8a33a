internal import Torch

/// The logits `query · keyᵀ / √D` with the mask applied, scaled inside the kernel of the product.
///
/// Nil where the kernel does not serve: in half precision, because it rounds products before it
/// scales them, and for leading axes that broadcast.
func productLogits(_ query: Tensor, _ key: Tensor, _ mask: LogitMask) throws -> Tensor? {
  let (queries, keys) = (query.shape, key.shape)
  guard query.dtype == .float32 || query.dtype == .float64, query.dtype == key.dtype,
    queries.count >= 3, queries.dropLast(2) == keys.dropLast(2), queries.last == keys.last,
    query.count > 0, key.count > 0
  else { return nil }
  let scale = 1 / Double(queries[queries.count - 1]).squareRoot()
  func folded(_ x: Tensor, _ shape: [Int]) throws -> Tensor {
    shape.count == 3 ? x : try x.reshaped([-1] + shape.suffix(2))
  }
  func products(_ query: Tensor, _ key: Tensor, plus summand: Tensor? = nil) throws -> Tensor {
    let all = try Tensor.products(
      folded(query, queries), folded(key, keys).transposed(), times: scale, plus: summand)
    return queries.count == 3
      ? all : try all.reshaped(queries.dropLast() + [keys[keys.count - 2]])
  }
  if let pairs = try mask.foldedPairs(queries.count), try areBounded(query, key) {
    return try products(query, key, plus: mask.summand(for: pairs, query.dtype))
  }
  return try mask.logits(query, key) { try products($0, $1) }
}

/// Whether all products are finite, so that adding −∞ to one gives −∞ and never NaN.
func areBounded(_ query: Tensor, _ key: Tensor) throws -> Bool {
  // |q · k| is at most ‖q‖·‖k‖, which is finite where the squares of both are.
  try query.hasFiniteNorm && key.hasFiniteNorm
}

extension LogitMask {
  /// The allowed pairs, Bool, broadcastable to `[N, S, T]`, for logits of `rank` axes; nil if the
  /// mask has a bias, allows all pairs or cannot be folded without a copy.
  fileprivate func foldedPairs(_ rank: Int) throws -> Tensor? {
    guard let allowed, bias == nil else { return nil }
    if causal != nil { return allowed }
    let isOne = allowed.shape.dropLast(2).allSatisfy { $0 == 1 }
    if isOne { return try allowed.reshaped([1] + allowed.shape.suffix(2)) }
    return rank == 3 ? allowed : nil
  }

  /// 0 for pairs that are allowed, −∞ for others.
  fileprivate func summand(for pairs: Tensor, _ dtype: DType) throws -> Tensor {
    if let causal, causal.summand.dtype == dtype { return causal.summand }
    return try AttentionMask(allowed: pairs, dtype).bias
  }
}
