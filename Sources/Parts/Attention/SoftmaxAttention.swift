public import Torch

/// Softmax attention over all keys, the core of most parts.
///
/// Shapes: query `[…, S, D]`, key `[…, T, D]`, value `[…, T, V]` → `[…, S, V]`. Logits are
/// `query · keyᵀ / √D` plus the mask's bias; a query without allowed keys gives 0. What is masked
/// does not matter, NaN included. Weights are dropped while training.
///
/// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762).
public func softmaxAttention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: LogitMask = LogitMask(),
  dropout: Dropout? = nil
) throws -> Tensor {
  var weights = try attentionWeights(query, key, mask: mask)
  if let dropout { weights = try dropout(weights) }
  return try mix(weights, value, isMasked: mask.allowed != nil)
}

/// The weights of softmax attention, `[…, S, T]`; rows sum to 1, or are 0 without allowed keys.
public func attentionWeights(_ query: Tensor, _ key: Tensor, mask: LogitMask = LogitMask()) throws
  -> Tensor
{
  if let logits = try productLogits(query, key, mask) {
    return try softmax(logits, isMasked: mask.hidesWholeRows)
  }
  let scale = 1 / Double(key.size(-1)).squareRoot()
  let logits = try mask.applied(to: (query * scale).matmul(key.transposed()))
  return try softmax(logits, isMasked: mask.allowed != nil)
}

/// The weights times the values; a value that is not finite counts only where it has weight.
private func mix(_ weights: Tensor, _ value: Tensor, isMasked: Bool) throws -> Tensor {
  guard isMasked, try !value.sumIsFinite else { return try weights.matmul(value) }
  let finite = try value.detached().isFinite()
  guard try !finite.allTrue() else { return try weights.matmul(value) }
  // 0 · NaN is NaN: mix without such values, then put back what really saw one.
  let clean = try weights.matmul(
    finite.select(value, else: value.detached() * 0).filled(0, where: .!finite))
  let touched =
    try (weights.detached() .> 0).to(weights.dtype)
    .matmul((.!finite).to(weights.dtype)) .> 0
  return try touched.select(weights.matmul(value), else: clean)
}

private func softmax(_ logits: Tensor, isMasked: Bool) throws -> Tensor {
  try isMasked ? logits.safeSoftmax(-1) : logits.softmax(-1)
}
