internal import Torch

/// Some tokens that all queries see, and softmax attention to them alone.
struct GlobalTokens {
  private let tokens: [Int]
  private let isCausal: Bool

  /// Takes tokens in order.
  ///
  /// - `isCausal`: whether a query sees only those up to its own position, and its own token as well.
  init(_ tokens: [Int], isCausal: Bool) {
    self.tokens = tokens
    self.isCausal = isCausal
  }

  /// The queries of a chunk, where each sees its own token.
  private static let chunk = 16

  /// Attends: `[N, S, D]`, `[N, S, D]`, `[N, S, V]` → `[N, S, V]`.
  func seen(by query: Tensor, _ key: Tensor, _ value: Tensor, _ dropout: Dropout?) throws -> Tensor
  {
    let (keys, values) = (try key.picked(1, tokens), try value.picked(1, tokens))
    guard isCausal else { return try softmaxAttention(query, keys, values, dropout: dropout) }

    // In chunks, the keys being the global ones and those of the chunk.
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

  /// Which keys each query of a chunk sees, Bool `[count, chunk, g + chunk]`.
  private func allowed(_ count: Int) throws -> Tensor {
    let chunk = Self.chunk
    let places = try Tensor.range(count * chunk).reshaped([count, chunk, 1])
    let few = try Tensor(tokens, shape: [tokens.count])
    // A global token sees itself twice here, but what it sees is found in another way.
    let own = try Tensor.identity(chunk, .bool).expanded([count, chunk, chunk])
    return try Tensor.cat([few .<= places, own], 2)
  }
}
