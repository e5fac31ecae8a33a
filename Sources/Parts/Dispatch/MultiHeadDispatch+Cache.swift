public import Torch

extension MultiHeadDispatch: IncrementalPart {
  /// An empty cache for so many items, which is that of the attention: its keys and values are those of
  /// ``MultiHeadConfig/keyHeads`` heads.
  ///
  /// - Throws: `PartError` unless the dispatch claims to be incremental.
  public func makeCache(batch: Int) throws -> TokenCache {
    try incremental().makeCache(batch: batch)
  }

  /// Computes the attention of the next tokens to themselves and those in the cache. The key defaults to
  /// the query, the value to the key.
  ///
  /// - Shapes: query, key, value `[B, S, E]`, B as in the cache, S from 0 → `[B, S, E]`.
  /// - `real`: Bool `[B, S]`, true for the first tokens of each item, as many as are real; nil for all.
  ///   The outputs of the others mean nothing, and no later token sees them.
  /// - Throws: `PartError` for tensors that do not fit, a cache of another part, and in training mode.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor? = nil, _ value: Tensor? = nil, cache: TokenCache,
    real: Tensor? = nil
  ) throws -> Tensor {
    let attention = try incremental()
    let (rows, length) = query.rank > 1 ? (query.size(0), query.size(1)) : (0, 0)
    _ = try checkChunk("query", rows: rows, length: length, real: real, cache)
    if length == 0, query.rank == 3, query.size(2) == config.dimModel { return try query.clone() }
    let inputs = try DispatchInputs(query, key ?? query, value ?? key ?? query, .none, for: self)
    guard inputs.query.size(0) == cache.batch, let outputProjection else {
      throw error(
        .shape(
          tensor: "query", expected: "[B, S, E] with the items of the cache, B = \(cache.batch)",
          got: inputs.query.shape))
    }
    let (queries, keys, values) = try heads(of: inputs, offsets: cache.counts)
    let added = bias.map { part in
      { counts, keys in try self.bias(part, queries.size(2), query.dtype, counts, keys) }
    }
    let attended = try naming {
      try attention.next(
        fold(queries), fold(keys), fold(values), cache: cache, real: real, bias: added)
    }
    return try joined(attended, outputProjection)
  }

  /// Computes the tensors `query`, `key` and `value`.
  public func next(_ inputs: [String: Tensor], cache: TokenCache, real: Tensor?) throws -> Tensor {
    let named = try NamedInputs(inputs, signature)
    return try self(
      named.required("query"), named["key"], named["value"], cache: cache, real: real)
  }

  /// Whether each query attends on its own to keys that are all known, wherever it stands.
  var takesQueriesApart: Bool {
    attention.claims.softmaxOverProducts && claims.queryEquivariant && claims.crossLength
  }

  /// Computes the attention of queries to tokens to which those of earlier calls attended.
  ///
  /// - `known`: the keys and values of the tokens in each head; made by the first call.
  func callAsFunction(
    _ query: Tensor, _ tokens: Tensor, isReal: Tensor?, known: inout (Tensor, Tensor)?
  ) throws -> Tensor {
    guard let outputProjection else { throw noCache("the attention makes its own heads") }
    let inputs = try DispatchInputs(
      query, tokens, tokens, Masks(keyPadding: isReal), for: self)
    let (queries, keys, values) = try heads(of: inputs, known: known)
    known = (keys, values)
    return try joined(attend(queries, keys, values, inputs.masks), outputProjection)
  }

  /// The attention, if it can go on from a cache.
  private func incremental() throws -> any IncrementalAttention {
    guard claims.incremental, let attention = attention as? any IncrementalAttention else {
      throw noCache("the attention is not causal, or needs all tokens at once")
    }
    return attention
  }

  /// The bias of a chunk of queries that follow so many tokens in each item, for keys at positions Int
  /// `[B, L]`, `[B, H, S, L]`; that of a position below 0 means nothing.
  private func bias(
    _ part: any AttentionBias, _ queries: Int, _ dtype: DType, _ counts: [Int], _ keys: Tensor
  ) throws -> Tensor {
    try Tensor.stack(
      counts.enumerated().map { item, count in
        let places = try keys.index(0, item).integers().map { max($0, 0) }
        let all = try part.bias(
          queries: queries, keys: (places.max() ?? 0) + 1, offset: count, dtype)
        return try all.picked(-1, places)
      }, 0)
  }
}
