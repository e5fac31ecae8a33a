public import Torch

/// Softmax attention over all keys, the core of most parts.
///
/// Shapes: query `[…, S, D]`, key `[…, T, D]`, value `[…, T, V]` → `[…, S, V]`. Logits are
/// `query · keyᵀ / √D` plus the mask's bias; a query without allowed keys gives 0. Masked keys and
/// values have no influence, even if they are NaN. Dropout acts on the weights while training.
///
/// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762).
public func softmaxAttention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: LogitMask = LogitMask(),
  dropout: Dropout? = nil
) throws -> Tensor {
  var weights = try attentionWeights(query, key, mask: mask)
  if let dropout { weights = try dropout(weights) }
  return try mix(weights, value, allowed: mask.allowed)
}

/// The same for keys and values `[N/R, T, ·]`, which R queries `[N, S, D]` side by side share: their
/// rows are put below each other, so that nothing is copied for each.
func softmaxAttention(
  _ query: Tensor, sharing key: Tensor, _ value: Tensor, mask: LogitMask, dropout: Dropout? = nil
) throws -> Tensor {
  let (rows, sharing) = (query.shape.dropLast(), query.size(0) / key.size(0))
  guard sharing > 1 else {
    return try softmaxAttention(query, key, value, mask: mask, dropout: dropout)
  }
  func stacked(_ x: Tensor) throws -> Tensor {
    try x.reshaped([key.size(0), sharing * x.size(-2), x.size(-1)])
  }
  func all(_ mask: Tensor?) throws -> Tensor? {
    try mask.map { try stacked($0.expanded(rows + [key.size(1)])) }
  }
  let mask = try LogitMask(allowed: all(mask.allowed), bias: all(mask.bias))
  var weights = try attentionWeights(stacked(query), key, mask: mask)
  if let dropout { weights = try stacked(dropout(weights.reshaped(rows + [key.size(1)]))) }
  return try mix(weights, value, allowed: mask.allowed).reshaped(rows + [value.size(2)])
}

/// The weights of softmax attention, `[…, S, T]`; rows sum to 1, or are 0 without allowed keys.
public func attentionWeights(_ query: Tensor, _ key: Tensor, mask: LogitMask = LogitMask()) throws
  -> Tensor
{
  // In one kernel where that gives the same result; below, step by step.
  if let logits = try productLogits(query, key, mask) {
    return try softmax(logits, isMasked: mask.hidesWholeRows)
  }
  let scale = 1 / Double(key.size(-1)).squareRoot()
  let logits = try mask.logits(query, key) { try ($0 * scale).matmul($1.transposed()) }
  return try softmax(logits, isMasked: mask.allowed != nil)
}

private func softmax(_ logits: Tensor, isMasked: Bool) throws -> Tensor {
  try isMasked ? logits.safeSoftmax(-1) : logits.softmax(-1)
}

/// The weights times the values; a value that is not finite counts only where it is seen.
private func mix(_ weights: Tensor, _ value: Tensor, allowed: Tensor?) throws -> Tensor {
  guard let allowed, try !value.sumIsFinite else { return try weights.matmul(value) }
  let wild = try .!value.detached().isFinite()
  guard try wild.anyTrue() else { return try weights.matmul(value) }
  // 0 · NaN is NaN, in derivatives too: mix without such values, then add them where they are seen.
  let clean = try weights.matmul(value.filled(0, where: wild))
  func seen(_ infinity: Double) throws -> Tensor {
    let counted = try value.detached().isNaN() .| value.detached().equals(infinity)
    let outputs = try allowed.to(value.dtype).matmul(counted.to(value.dtype)) .> 0
    return try Tensor.zeros(clean.shape, clean.dtype).filled(infinity, where: outputs)
  }
  return try clean + (seen(.infinity) + seen(-.infinity))
}

extension LogitMask {
  /// The masked logits, given how queries and keys are multiplied; a key that is not finite counts
  /// only where it is seen, in derivatives too.
  func logits(
    _ query: Tensor, _ key: Tensor, _ products: (Tensor, Tensor) throws -> Tensor
  ) throws -> Tensor {
    guard allowed != nil, try !key.sumIsFinite else {
      return try applied(to: products(query, key))
    }
    // The derivative of a hidden logit is 0, but 0 · NaN is NaN.
    let wild = try (.!key.detached().isFinite()).any(-1, keep: true)
    let logits = try wild.transposed().select(
      products(query.detached(), key.detached()),
      else: products(query, key.filled(0, where: wild)))
    return try applied(to: logits)
  }

  /// Logits with the bias added and −∞ for pairs that are not allowed.
  func applied(to logits: Tensor) throws -> Tensor {
    let biased = if let bias { try logits + bias } else { logits }
    guard let allowed else { return biased }
    return try biased.filled(-.infinity, where: .!allowed)
  }

  /// Whether some query has no allowed key.
  var hidesWholeRows: Bool {
    get throws { try causal == nil && allowed.map { try !$0.any(-1).allTrue() } ?? false }
  }
}

extension Tensor {
  /// Whether the sum of all elements is finite; then each element is. This costs less than testing
  /// them one by one, but the sum of large finite numbers may overflow.
  var sumIsFinite: Bool { get throws { try hasFiniteNorm || detached().sum().item().isFinite } }
}
