internal import Torch

/// The global tokens, and softmax attention of all queries to these alone.
struct GlobalTokens {
  private let tokens: [Int]
  private let isCausal: Bool

  /// Takes tokens in ascending order.
  ///
  /// - `isCausal`: whether a query sees only those up to its position, and its own token in addition.
  init(_ tokens: [Int], isCausal: Bool) {
    self.tokens = tokens
    self.isCausal = isCausal
  }

  /// The number of queries of a chunk in causal attention.
  private static let chunk = 16

  /// The length from which causal attention has more than one chunk.
  static let secondChunk = chunk + 1

  /// The attention: `[N, S, D]`, `[N, S, D]`, `[N, S, V]` → `[N, S, V]`.
  func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ dropout: Dropout?) throws
    -> Tensor
  {
    let (keys, values) = (try key.picked(1, tokens), try value.picked(1, tokens))
    guard isCausal else { return try softmaxAttention(query, keys, values, dropout: dropout) }

    // In chunks, each of which sees the global tokens and its own.
    let (items, length, chunk) = (query.size(0), query.size(1), Self.chunk)
    let count = (length + chunk - 1) / chunk
    let rest = count * chunk - length
    func chunks(_ tokens: Tensor) throws -> Tensor {
      try tokens.padded([0, 0, 0, rest]).reshaped([items, count, chunk, tokens.size(2)])
    }
    func joined(_ few: Tensor, _ all: Tensor) throws -> Tensor {
      let wide = try few.unsqueezed(1).expanded([-1, count, -1, -1])
      return try Tensor.cat([wide, chunks(all)], 2)
    }
    let output = try softmaxAttention(
      chunks(query), joined(keys, key), joined(values, value),
      mask: LogitMask(allowed: allowed(count)), dropout: dropout)
    return try output.reshaped([items, count * chunk, value.size(2)])
      .slice(1, 0..<length).contiguous()
  }

  /// The keys that each query of a chunk sees, Bool `[count, chunk, g + chunk]`.
  private func allowed(_ count: Int) throws -> Tensor {
    let chunk = Self.chunk
    let places = try Tensor.range(count * chunk).reshaped([count, chunk, 1])
    let few = try Tensor(tokens, shape: [tokens.count])
    // A global token sees itself twice here, but its output is computed separately.
    let own = try Tensor.identity(chunk, .bool).expanded([count, chunk, chunk])
    return try Tensor.cat([few .<= places, own], 2)
  }
}
