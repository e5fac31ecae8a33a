internal import Torch

/// Softmax attention in elementary operations at float64, independent of every part.
///
/// The logits are q·k/√D plus the additive mask of the call; a query that sees no key gives 0. The
/// shapes are those of the call.
func plainAttention(_ call: AttentionCall, _ visibility: Visibility) throws -> Tensor {
  let (query, key, value) = (try call.query, try call.key, try call.value)
  let items = visibility.items
  func flat(_ x: Tensor) throws -> Tensor {
    try x.detached().to(.float64).reshaped([items, x.size(-2), x.size(-1)])
  }
  let width = Double(query.size(-1)).squareRoot()
  var logits = try flat(query).matmul(flat(key).transposed()) / width
  if let bias = try additiveBias(call, items) { logits = try logits + bias }
  let mixed = try plainSoftmax(logits, where: visibility.tensor).matmul(flat(value))
  return try mixed.reshaped(Array(query.shape.dropLast()) + [value.size(-1)])
}

/// Exponentials divided by their sum over the visible entries of each row; 0 in a row without any.
private func plainSoftmax(_ logits: Tensor, where visible: Tensor) throws -> Tensor {
  let hidden = try .!visible
  let peak = try logits.filled(-.infinity, where: hidden).maximum(-1, keep: true)
  let powers = try (logits - peak).filled(-.infinity, where: hidden).exp()
  let sum = try powers.sum(-1, keep: true)
  return try powers / sum.filled(1, where: sum.equals(0))
}

/// The finite part of an additive mask, `[1 or items, S, T]`; 0 where it hides a pair.
func additiveBias(_ call: AttentionCall, _ items: Int) throws -> Tensor? {
  guard let mask = call.mask, mask.dtype.isFloating else { return nil }
  let wide = try mask.detached().to(.float64)
  let flat = try wide.filled(0, where: wide.equals(-.infinity))
    .reshaped([-1, mask.size(-2), mask.size(-1)])
  return try flat.size(0) == 1 ? flat : flat.repeatInterleaved(items / flat.size(0), 0)
}
