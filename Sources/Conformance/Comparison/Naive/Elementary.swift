internal import Torch

/// The formulas of attention in elementary tensor operations, each rounded where it stands.
///
/// Naive forms and sharp laws use these. They call no part, and no part calls them.
enum Elementary {
  /// W x + b along the last axis, with parameters of a call; without the latter, W x.
  static func affine(_ x: Tensor, _ weight: String, _ bias: String, _ call: NaiveCall) throws
    -> Tensor
  {
    let product = try x.matmul(call.parameter(weight).transposed())
    return try call.parameters[bias].map { try product + $0 } ?? product
  }

  /// exp(x − max) / Σ exp(x − max) along the last axis, over the entries that are allowed; a row
  /// without any is 0.
  static func softmax(_ logits: Tensor, allowed: Tensor? = nil) throws -> Tensor {
    guard let allowed else {
      let powers = try (logits - logits.maximum(-1, keep: true)).exp()
      return try powers / powers.sum(-1, keep: true)
    }
    let hidden = try .!allowed
    let largest = try logits.filled(-.infinity, where: hidden).maximum(-1, keep: true)
    // Only in rows without entries: an allowed logit that overflows must show.
    let base = try largest.filled(0, where: .!allowed.any(-1, keep: true))
    let powers = try (logits - base).filled(0, where: hidden).exp().filled(0, where: hidden)
    let sum = try powers.sum(-1, keep: true)
    return try powers / sum.filled(1, where: sum.equals(0))
  }

  /// The weights softmax(q kᵀ / √D + bias), `[…, S, T]`.
  static func weights(
    _ query: Tensor, _ key: Tensor, allowed: Tensor? = nil, bias: Tensor? = nil
  ) throws -> Tensor {
    var logits = try (query * (1 / Double(key.size(-1)).squareRoot())).matmul(key.transposed())
    if let bias { logits = try logits + bias }
    return try softmax(logits, allowed: allowed)
  }

  /// The lengths of m segments of L = m·s + r tokens: m − r times s, then r times s + 1.
  static func segmentLengths(_ length: Int, _ count: Int) -> [Int] {
    (0..<count).map { length / count + ($0 >= count - length % count ? 1 : 0) }
  }

  /// The segments as ranges of tokens.
  static func segments(_ length: Int, _ count: Int) -> [Range<Int>] {
    var start = 0
    return segmentLengths(length, count).map { size in
      defer { start += size }
      return start..<start + size
    }
  }

  /// The mean of the real tokens of each segment, `[N, m, D]`, and which segments have one, Bool
  /// `[N, m]`; tokens are `[N, L, D]`, the real ones are marked in Bool `[N, L]`.
  static func landmarks(_ tokens: Tensor, _ count: Int, real: Tensor? = nil) throws -> (
    values: Tensor, present: Tensor
  ) {
    let mask = try real ?? Tensor.full([tokens.size(0), tokens.size(1)], 1, .bool)
    let clean = try tokens.filled(0, where: .!mask.unsqueezed(-1))
    let numbers = try mask.to(tokens.dtype)
    var (sums, counts): ([Tensor], [Tensor]) = ([], [])
    for range in segments(tokens.size(1), count) {
      sums.append(try clean.slice(1, range).sum(1))
      counts.append(try numbers.slice(1, range).sum(1))
    }
    let present = try Tensor.stack(counts, 1)
    let divisor = try present.filled(1, where: present.equals(0)).unsqueezed(-1)
    return (try Tensor.stack(sums, 1) / divisor, try present .> 0)
  }

  /// Σ_τ w[h, τ]·v[t + τ − K/2] with zeros outside, for tokens `[B·H, T, V]` and weights
  /// `[H, 1, K, 1]`, K odd.
  static func convolution(_ values: Tensor, _ weight: Tensor) throws -> Tensor {
    let (heads, taps, length) = (weight.size(0), weight.size(2), values.size(1))
    let grid = try values.reshaped([values.size(0) / heads, heads, length, values.size(2)])
    let wide = try grid.padded([0, 0, taps / 2, taps / 2])
    var sum: Tensor?
    for tap in 0..<taps {
      let term =
        try wide.slice(2, tap..<tap + length)
        * weight.slice(2, tap..<tap + 1).reshaped([1, heads, 1, 1])
      sum = try sum.map { try $0 + term } ?? term
    }
    return try (sum ?? grid).reshaped(values.shape)
  }
}
