internal import Torch

/// Softmax attention by libtorch's fused kernel, with the rules of `softmaxAttention`: a query
/// without allowed keys gives 0, and hidden keys and values have no influence, even if they are NaN.
///
/// Keys and values may be fewer, `[N/R, T, ·]`: R queries side by side share them.
///
/// - `allowed`: the pairs that are allowed, Bool, broadcastable to `[N, S, T]`; nil allows all.
/// - `isCausal`: hides later keys in the kernel itself; not to be combined with `allowed`.
func fusedAttention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, allowed: Tensor? = nil, isCausal: Bool = false
) throws -> Tensor {
  func plain() throws -> Tensor { try fused(query, key, value, allowed, isCausal) }
  if try areBounded(query, key) && value.sumIsFinite { return try plain() }
  let sharing = query.size(0) / key.size(0)
  if sharing > 1 {
    return try fusedAttention(
      query, key.repeatInterleaved(sharing, 0), value.repeatInterleaved(sharing, 0),
      allowed: allowed, isCausal: isCausal)
  }
  // The kernel ignores some NaN, multiplies hidden values by 0, where 0 · NaN is NaN, and adds −∞ to
  // hidden products, which may be ∞: queries that meet such numbers are computed apart.
  let largest = query.dtype.greatestFiniteMagnitude
  let bounded = min(
    largest, DType.float32.greatestFiniteMagnitude.squareRoot() / Double(query.size(-1)))
  func wild(_ x: Tensor, beyond limit: Double) throws -> Tensor {
    try (.!(x.detached().abs() .<= limit)).any(-1, keep: true)
  }
  let queries = try wild(query, beyond: bounded)
  let keys = try wild(key, beyond: bounded) .| wild(value, beyond: largest)
  guard try queries.anyTrue() || keys.anyTrue() else { return try plain() }
  let clean = try fused(
    query.filled(0, where: queries), key.filled(0, where: keys), value.filled(0, where: keys),
    allowed, isCausal)
  let all = try Tensor.full([query.size(-2), key.size(-2)], 1, .bool)
  let pairs = try allowed ?? (isCausal ? all.lowerTriangle() : all)
  let touched = try queries .| (pairs.to(.float32).matmul(keys.to(.float32)) .> 0)
  guard try touched.anyTrue() else { return clean }
  return try touched.select(
    softmaxAttention(query, key, value, mask: LogitMask(allowed: pairs)), else: clean)
}

/// The kernel, which wants items and heads as separate axes.
private func fused(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, _ allowed: Tensor? = nil,
  _ isCausal: Bool = false
) throws -> Tensor {
  var mask = allowed
  var empty: Tensor?
  if let allowed {
    // Show all keys to a query that has none, so that the kernel never computes 0/0.
    let without = try .!allowed.any(-1, keep: true)
    if try without.anyTrue() { empty = without }
    if let empty { mask = try allowed .| empty }
  }
  // Heads that share keys read them where they are, as a view.
  let sharing = query.size(0) / key.size(0)
  let front = sharing > 1 ? [key.size(0), sharing] : [1, query.size(0)]
  func heads(_ x: Tensor) throws -> Tensor {
    let own = x.size(0) == front[0] * front[1] ? front : [x.size(0), 1]
    return try x.reshaped(own + x.shape.suffix(2)).expanded(front + x.shape.suffix(2))
  }
  if let wide = mask, wide.rank == 3 { mask = try heads(wide) }
  let output = try Tensor.fusedAttention(
    heads(query), heads(key), heads(value), mask: mask, causal: isCausal
  ).reshaped([query.size(0), query.size(1), value.size(2)])
  guard let empty else { return output }
  return try output.filled(0, where: empty)
}

extension AttentionPath {
  /// The number of pairs from which the fused kernel pays.
  private static func fusedPairs(isCausal: Bool) -> Int { isCausal ? 1 << 13 : 1 << 15 }

  /// The number of queries, and of keys, from which it pays.
  static func fusedLength(isCausal: Bool) -> Int {
    Int(Double(fusedPairs(isCausal: isCausal)).squareRoot().rounded(.up))
  }

  /// Whether softmax attention should use the fused kernel.
  ///
  /// The kernel cannot drop weights with our generator, and is slow when keys and values differ in
  /// width. It pays for large products only: its derivative costs more than that of a small matrix
  /// of weights.
  ///
  /// - `isCausal`: whether the kernel itself would hide later keys; a matrix of weights would need a
  ///   mask for that, so the kernel pays earlier.
  func fuses(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, drops: Bool, isCausal: Bool = false
  ) -> Bool {
    guard key.size(-1) == value.size(-1), !drops else { return false }
    return switch self {
    case .automatic: query.size(-2) * key.size(-2) >= Self.fusedPairs(isCausal: isCausal)
    case .dense: false
    case .structured: true
    }
  }
}

extension LogitMask {
  /// Whether the mask only hides pairs, and adds nothing to the logits of the others.
  var isBoolean: Bool {
    get throws {
      guard let bias else { return true }
      return try !bias.requiresGrad && (bias.equals(0) .| bias.equals(-.infinity)).allTrue()
    }
  }
}
