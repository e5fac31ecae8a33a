public import Torch

/// An attention of folded heads that can go on from keys and values that it has seen.
public protocol IncrementalAttention: Attention, IncrementalPart {
  /// What is added to logits: of queries that follow so many tokens in each row, for keys at positions
  /// Int `[B, L]`, −1 for none. `[B, H, S, L]`
  typealias CacheBias = (_ counts: [Int], _ keys: Tensor) throws -> Tensor

  /// Attends to the keys in the cache and those of the chunk up to each query's own.
  ///
  /// Shapes, for a cache of B rows: query `[B·H, S, D]`, key `[B·G, S, D]`, value `[B·G, S, V]` →
  /// `[B·H, S, V]`; H/G queries side by side share a key.
  ///
  /// - `real`: Bool `[B, S]`, true for the first tokens of each row, as many as are real; nil for all.
  /// - `bias`: what is added to the logits, of an attention that takes additive masks.
  /// - Throws: `PartError` for tensors that do not fit, a cache of another part, and a part that trains.
  func next(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: TokenCache, real: Tensor?,
    bias: CacheBias?
  ) throws -> Tensor
}

extension IncrementalAttention {
  /// Attends to the tensors `q`, `k` and `v`.
  public func next(_ inputs: [String: Tensor], cache: TokenCache, real: Tensor?) throws -> Tensor {
    let named = try NamedInputs(inputs, signature)
    return try next(
      named.required("q"), named.required("k"), named.required("v"), cache: cache, real: real,
      bias: nil)
  }

  /// The lengths of a chunk; unlike those of a call, there may be no tokens.
  func checkChunk(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ real: Tensor?, _ cache: TokenCache
  ) throws -> TokenChunk {
    for (name, tensor) in [("q", query), ("k", key), ("v", value)] {
      guard tensor.rank == 3, tensor.size(1) == query.size(1), tensor.dtype == query.dtype,
        name == "q" || tensor.size(0) == key.size(0) && query.size(0) % max(1, key.size(0)) == 0,
        name == "v" || tensor.size(2) == query.size(2)
      else {
        let shape = name == "q" ? "[N, S, D]" : "[N, S, ·] as the query"
        throw error(
          .shape(
            tensor: name, expected: "\(shape) \(query.shape), \(query.dtype)", got: tensor.shape))
      }
    }
    _ = try checkChunk("q", rows: query.size(0), length: query.size(1), real: real, cache)
    return try checkChunk("k", rows: key.size(0), length: key.size(1), real: real, cache)
  }
}

extension Tensor {
  /// The same for each of so many heads; a view if there is one.
  func forEach(of heads: Int) throws -> Tensor {
    size(0) == heads ? self : try repeatInterleaved(heads / size(0), 0)
  }
}

/// A causal softmax attention to all keys, or to the latest and the first ones.
protocol KeyCachingAttention: IncrementalAttention, PathChoosing {
  /// How far before a query a key may be, nil for any distance, and how many first keys it sees besides;
  /// nil if it is not causal.
  var reach: (past: Int?, first: Int)? { get }
}

extension KeyCachingAttention {
  /// A cache of the keys and values that later queries can see.
  public func makeCache(batch: Int) throws -> TokenCache {
    guard let reach else { throw noCache("the attention is not causal") }
    return KeyCache(batch: batch, past: reach.past, first: reach.first)
  }

  /// Computes the attention.
  public func next(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: TokenCache, real: Tensor?,
    bias: CacheBias?
  ) throws -> Tensor {
    guard let cache = cache as? KeyCache, let reach, cache.past == reach.past,
      cache.first == reach.first
    else { throw strangeCache }
    let chunk = try checkChunk(query, key, value, real, cache)
    let (heads, length) = (query.size(0), query.size(1))
    guard chunk.counts.contains(where: { $0 > 0 }) else {
      return try Tensor.zeros([heads, length, value.size(2)], query.dtype)
    }
    let next = try cache.adding(key, value, chunk)
    let output: Tensor
    if cache.counts.allSatisfy({ $0 == 0 }), bias == nil {
      // The first tokens see none before, and none sees those behind it that are not real.
      output = try self(query, key.forEach(of: heads), value.forEach(of: heads), masks: .none)
    } else {
      let visible = try next.visible(from: cache.counts, chunk)
      let pairs = try visible?.repeatInterleaved(heads / cache.batch, 0)
      if bias == nil, path.fuses(query, next.keys, next.values, drops: false) {
        output = try fusedAttention(query, next.keys, next.values, allowed: pairs)
      } else {
        let added = try bias?(cache.counts, next.positions)
          .reshaped([heads, length, next.keys.size(1)])
        output = try softmaxAttention(
          query, sharing: next.keys, next.values, mask: LogitMask(allowed: pairs, bias: added))
      }
    }
    try cache.keep(next, chunk)
    return output
  }
}
