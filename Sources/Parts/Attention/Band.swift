internal import Torch

/// The pairs whose distance i − j lies in a range or whose key is one of the first, up to the query,
/// and softmax attention over them alone.
///
/// Queries are taken in chunks; each chunk attends to a window that holds all keys of its queries, and
/// to the first keys.
struct Band {
  /// The farthest key before a query, in tokens.
  let past: Int
  /// The farthest key after a query, in tokens.
  let future: Int
  /// How many first keys later queries see besides.
  var sinks = 0

  /// The fewest queries of a chunk; for fewer, products of matrices are too small to be fast.
  private static let shortestChunk = 16

  /// The length from which there is more than one chunk.
  var secondChunk: Int { max(Self.shortestChunk, past + future) + 1 }

  /// The length from which there are so few pairs that skipping the others pays.
  var structuredLength: Int { max(128, 4 * (past + future + 1 + sinks)) }

  /// Whether a call without masks skips the other pairs.
  func isStructured(_ length: Int, _ path: AttentionPath) -> Bool {
    switch path {
    case .automatic: length >= structuredLength
    case .dense: false
    case .structured: true
    }
  }

  /// The pairs of the band, and of the first keys with all queries, Bool `[S, S]`; causality is applied
  /// elsewhere.
  func pattern(_ length: Int) throws -> Tensor {
    let ones = try Tensor.full([length, length], 1, .bool)
    let band = try ones.lowerTriangle(future) .& (.!ones.lowerTriangle(-past - 1))
    guard sinks > 0 else { return band }
    return try band .| (Tensor.range(length) .< Double(sinks))
  }

  /// The attention, chunk by chunk: `[N, S, D]`, `[N, S, D]`, `[N, S, V]` → `[N, S, V]`.
  func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ dropout: Dropout?) throws
    -> Tensor
  {
    let length = query.size(1)
    let (before, after) = (min(past, length - 1), min(future, length - 1))
    // As long as the rest of the window, so that about half of the products are used.
    let chunk = max(Self.shortestChunk, before + after)
    let count = (length + chunk - 1) / chunk
    let rest = count * chunk - length
    func chunks(_ tokens: Tensor) throws -> Tensor {
      try tokens.padded([0, 0, 0, rest])
        .reshaped([query.size(0), count, chunk, tokens.size(2)])
    }
    // The end of the previous chunk, the chunk, and the beginning of the next.
    func windows(_ tokens: Tensor) throws -> Tensor {
      let own = try chunks(tokens)
      let parts = try own.split([after, chunk - before - after, before], 2)
      return try Tensor.cat(
        [parts[2].padded([0, 0, 0, 0, 1, -1]), own, parts[0].padded([0, 0, 0, 0, -1, 1])], 2)
    }
    let first = min(sinks, length)
    func seen(_ tokens: Tensor) throws -> Tensor {
      let windows = try windows(tokens)
      guard first > 0 else { return windows }
      let few = try tokens.slice(1, 0..<first).unsqueezed(1).expanded([-1, count, -1, -1])
      return try Tensor.cat([few, windows], 2)
    }
    var allowed = try allowed(chunk, before, after, count, length)
    if first > 0 {
      // Those within the window are among its keys.
      let starts = try Tensor((0..<count * chunk).map { $0 - before }, shape: [count, chunk, 1])
      allowed = try Tensor.cat([Tensor.range(first) .< starts, allowed], 2)
    }
    let output = try softmaxAttention(
      chunks(query), seen(key), seen(value), mask: LogitMask(allowed: allowed), dropout: dropout)
    return try output.reshaped([query.size(0), count * chunk, value.size(2)])
      .slice(1, 0..<length).contiguous()
  }

  /// The places of a window that each query of a chunk sees, Bool `[count, chunk, window]`.
  private func allowed(
    _ chunk: Int, _ before: Int, _ after: Int, _ count: Int, _ length: Int
  ) throws -> Tensor {
    let size = before + chunk + after
    let ones = try Tensor.full([chunk, size], 1, .bool)
    let band = try ones.lowerTriangle(before + after) .& (.!ones.lowerTriangle(-1))
    let starts = try Tensor((0..<count).map { $0 * chunk - before }, shape: [count, 1, 1])
    let places = try starts + Tensor.range(size)
    let isToken = try (.!(places .< 0)) .& (places .< Double(length))
    return try band .& isToken
  }
}
