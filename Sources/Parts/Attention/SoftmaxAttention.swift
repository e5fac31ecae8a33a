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
  let weights = try attentionWeights(query, key, mask: mask)
  let kept = if let dropout { try dropped(weights, dropout) } else { weights }
  return try mix(kept, value, isMasked: mask.allowed != nil)
}

/// The weights of softmax attention, `[…, S, T]`; rows sum to 1, or are 0 without allowed keys.
public func attentionWeights(_ query: Tensor, _ key: Tensor, mask: LogitMask = LogitMask()) throws
  -> Tensor
{
  if let logits = try productLogits(query, key, mask) {
    return try softmax(logits, isMasked: mask.hidesWholeRows)
  }
  let width = Double(key.size(-1))
  let scale = Fault.pick(
    .scaleMissing, wrong: 1,
    right: Fault.pick(.scaleTwice, wrong: 1 / width, right: 1 / width.squareRoot()))
  let keys = try Fault.pick(
    .gradKeyUnscaled, wrong: key.withGradient(times: width.squareRoot()),
    right: Fault.pick(.controlKeyShift, wrong: key + 0.5, right: key))
  if Fault.isActive(.queryScaledInPlace) { try query.copy(from: query * scale) }
  var logits = try (query * scale).matmul(keys.transposed())
  if let bias = mask.bias {
    logits = try logits + Fault.pick(.biasScaled, wrong: bias * scale, right: bias)
  }
  if Fault.isActive(.distanceBias) { logits = try logits + distanceBias(logits) }
  guard let allowed = mask.allowed else { return try softmax(logits) }
  if Fault.isActive(.gradMaskDropped) {
    let weights = try softmax(logits.filled(-.infinity, where: .!allowed), isMasked: true)
    return try weights.withGradient(of: softmax(logits.filled(0, where: logits.equals(-.infinity))))
  }
  let hidden = Fault.pick(
    .maskMinusHundred, wrong: -100,
    right: Fault.pick(
      .maskLowest, wrong: -logits.dtype.greatestFiniteMagnitude, right: -Double.infinity))
  return try softmax(logits.filled(hidden, where: .!allowed), isMasked: true)
}

/// The weights times the values; a value that is not finite counts only where it has weight.
private func mix(_ weights: Tensor, _ value: Tensor, isMasked: Bool) throws -> Tensor {
  if Fault.isActive(.controlSumReversed) {
    return try mixed(weights.flipped(-1), value.flipped(-2), isMasked: isMasked)
  }
  return try mixed(weights, value, isMasked: isMasked)
}

private func mixed(_ weights: Tensor, _ value: Tensor, isMasked: Bool) throws -> Tensor {
  guard isMasked, !Fault.isActive(.maskedValueNaN) else { return try weights.matmul(value) }
  if try value.sumIsFinite { return try weights.matmul(value) }
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

private func dropped(_ weights: Tensor, _ dropout: Dropout) throws -> Tensor {
  try Fault.isActive(.dropoutInEval) && dropout.rate > 0
    ? weights * weights.bernoulli(1 - dropout.rate, generator: Generator(seed: 1))
    : dropout(weights)
}

private func softmax(_ logits: Tensor, isMasked: Bool = false) throws -> Tensor {
  #if FAULTS
    if let wrong = try faultySoftmax(logits, isMasked: isMasked) { return wrong }
  #endif
  return try isMasked ? logits.safeSoftmax(-1) : logits.softmax(-1)
}
