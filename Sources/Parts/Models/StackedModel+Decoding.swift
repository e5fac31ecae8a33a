public import Torch

/// What a model keeps of the tokens that it has seen.
private final class ModelCache: TokenCache {
  /// The caches of the layers.
  let layers: [TokenCache]

  init(batch: Int, layers: [TokenCache]) {
    self.layers = layers
    super.init(batch: batch)
  }
}

extension StackedModel: IncrementalPart {
  /// An empty cache for so many rows.
  ///
  /// - Throws: `PartError` unless every attention is causal and offers a cache, and all else computes
  ///   each token on its own.
  public func makeCache(batch: Int) throws -> TokenCache {
    guard claims.incremental else {
      throw noCache("a layer needs all tokens at once, or the model has a decoder")
    }
    return ModelCache(
      batch: batch, layers: try encoder.layers.map { try $0.attention.makeCache(batch: batch) })
  }

  /// Computes the next tokens of the source.
  public func next(_ inputs: [String: Tensor], cache: TokenCache, real: Tensor?) throws -> Tensor {
    let source = try NamedInputs(inputs, signature).required("src")
    return try next(source, cache: cache, real: real)
  }

  /// Computes the next tokens of the source, those in a cache being the ones before.
  ///
  /// - Shapes: source as in a call, S from 0 → `[B, S, E]`.
  /// - `real`: Bool `[B, S]`, true for the first tokens of each row, as many as are real; nil for all.
  /// - Throws: `PartError` for tensors that do not fit, a cache of another part, and in training mode.
  public func next(_ source: Tensor, cache: TokenCache, real: Tensor? = nil) throws -> Tensor {
    guard let cache = cache as? ModelCache, cache.layers.count == encoder.layers.count else {
      throw strangeCache
    }
    let (rows, length) = source.rank > 1 ? (source.size(0), source.size(1)) : (0, 0)
    let chunk = try checkChunk("src", rows: rows, length: length, real: real, cache)
    let width = plan.encoders[plan.encoders.count - 1].config.dimModel
    guard length > 0 else {
      return try Tensor.zeros([rows, 0, width], parameters.first?.value.dtype ?? source.dtype)
    }
    var tokens = Tokens(source, isReal: real)
    try named("src", source, encoder.stem, width: plan.encoders[0].config.dimModel) {
      for (layer, own) in zip(encoder.layers, cache.layers) {
        tokens = try layer.next(tokens, cache: own)
      }
    }
    cache.advance(by: chunk)
    return tokens.values
  }
}
