internal import Torch

extension AttentionPath {
  /// Whether softmax attention goes by the fused kernel: where it computes the same, since it drops
  /// nothing with our generator and is fast for one width only, and where it pays, since its
  /// derivative costs more than that of a matrix of weights that is small.
  ///
  /// - `isCausal`: whether the kernel itself is to hide later keys, which costs a matrix more.
  func fuses(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, drops: Bool, isCausal: Bool = false
  ) -> Bool {
    guard key.size(-1) == value.size(-1), !drops else { return false }
    return switch self {
    case .automatic: query.size(-2) * key.size(-2) >= (isCausal ? 1 << 13 : 1 << 15)
    case .dense: false
    case .structured: true
    }
  }
}

/// Softmax attention by libtorch's fused kernel, with the rules of `softmaxAttention`: a query
/// without allowed keys gives 0, and what is hidden does not matter, NaN included.
///
/// - `allowed`: which pairs may meet, Bool, broadcastable to `[N, S, T]`; nil is all.
/// - `isCausal`: hides later keys in the kernel itself; not beside `allowed`.
func fusedAttention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, allowed: Tensor? = nil, isCausal: Bool = false
) throws -> Tensor {
  guard allowed != nil || isCausal else { return try fused(query, key, value) }
  // The kernel multiplies hidden values by 0, and 0 · NaN is NaN.
  if try key.sumIsFinite && value.sumIsFinite {
    return try fused(query, key, value, allowed, isCausal)
  }
  let finite = try key.detached().isFinite().all(-1) .& value.detached().isFinite().all(-1)
  if try finite.allTrue() { return try fused(query, key, value, allowed, isCausal) }
  let hidden = try (.!finite).unsqueezed(-1)
  let clean = try fused(
    query, key.filled(0, where: hidden), value.filled(0, where: hidden), allowed, isCausal)
  let pairs =
    try allowed ?? Tensor.full([query.size(-2), key.size(-2)], 1, .bool).lowerTriangle()
  let touched = try pairs.to(.float32).matmul(hidden.to(.float32)) .> 0
  return try touched.select(
    softmaxAttention(query, key, value, mask: LogitMask(allowed: pairs)), else: clean)
}

/// The kernel, which takes items and heads apart.
private func fused(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, _ allowed: Tensor? = nil,
  _ isCausal: Bool = false
) throws -> Tensor {
  var mask = allowed
  var empty: Tensor?
  if let allowed {
    // A query without keys sees all, as far as the kernel knows, so that nothing becomes 0/0.
    let without = try .!allowed.any(-1, keep: true)
    if try without.anyTrue() { empty = without }
    if let empty { mask = try allowed .| empty }
    if let wide = mask, wide.rank == 3 { mask = try wide.unsqueezed(0) }
  }
  let output = try Tensor.fusedAttention(
    query.unsqueezed(0), key.unsqueezed(0), value.unsqueezed(0), mask: mask, causal: isCausal
  ).squeezed(0)
  guard let empty else { return output }
  return try output.filled(0, where: empty)
}

extension LogitMask {
  /// Whether nothing is added to the logit of any pair that may meet.
  var isBoolean: Bool {
    get throws {
      guard let bias else { return true }
      return try !bias.requiresGrad && (bias.equals(0) .| bias.equals(-.infinity)).allTrue()
    }
  }
}
