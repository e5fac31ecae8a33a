internal import Torch

/// Softmax attention by libtorch's fused kernel, with the rules of `softmaxAttention`: a query
/// without allowed keys gives 0, and hidden keys and values have no influence, even if they are NaN.
///
/// - `allowed`: the pairs that are allowed, Bool, broadcastable to `[N, S, T]`; nil allows all.
/// - `isCausal`: hides later keys in the kernel itself; not to be combined with `allowed`.
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
    if let wide = mask, wide.rank == 3 { mask = try wide.unsqueezed(0) }
  }
  let output = try Tensor.fusedAttention(
    query.unsqueezed(0), key.unsqueezed(0), value.unsqueezed(0), mask: mask, causal: isCausal
  ).squeezed(0)
  guard let empty else { return output }
  return try output.filled(0, where: empty)
}

extension AttentionPath {
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
    case .automatic: query.size(-2) * key.size(-2) >= (isCausal ? 1 << 13 : 1 << 15)
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
