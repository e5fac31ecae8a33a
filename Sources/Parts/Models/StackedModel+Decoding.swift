public import Torch

/// What a model keeps of the tokens that it has seen.
private final class ModelCache: TokenCache {
  /// What the layers keep.
  let layers: [LayerCache]
  /// What a decoder attends to.
  let memory: Tokens?

  init(batch: Int, layers: [LayerCache], memory: Tokens?) {
    self.layers = layers
    self.memory = memory
    super.init(batch: batch)
  }
}

extension StackedModel: IncrementalPart {
  /// The source of a decoder.
  public var readInputs: Set<String> { decoders.isEmpty ? [] : ["src"] }

  /// An empty cache for so many rows of a model without decoder.
  ///
  /// - Throws: `PartError` unless every attention is causal and offers a cache, and all else computes
  ///   each token on its own.
  public func makeCache(batch: Int) throws -> TokenCache {
    try makeCache(batch: batch, memory: nil)
  }

  /// An empty cache for so many rows, after a decoder's source has been encoded.
  ///
  /// - `inputs`: `src`, and maybe `encoder_input_mask`, for a model with a decoder; else nothing.
  /// - Throws: `PartError` as ``makeCache(batch:)``; also unless every query of a decoder attends to the
  ///   source on its own.
  public func makeCache(batch: Int, reading inputs: [String: Tensor]) throws -> TokenCache {
    let known = decoders.isEmpty ? [] : ["src", "encoder_input_mask"]
    if let name = inputs.keys.sorted().first(where: { !known.contains($0) }) {
      throw error(.unknownTensor(tensor: name, known: known))
    }
    guard let source = inputs["src"] else { return try makeCache(batch: batch) }
    guard source.rank > 0, source.shape[0] == batch else {
      throw error(
        .shape(
          tensor: "src", expected: "as many rows as the cache, B = \(batch)", got: source.shape))
    }
    return try makeCache(
      batch: batch, memory: encoded(source, inputs["encoder_input_mask"], visit: nil))
  }

  private func makeCache(batch: Int, memory: Tokens?) throws -> TokenCache {
    guard claims.incremental else {
      throw noCache("a layer needs all tokens at once")
    }
    guard decoders.isEmpty == (memory == nil) else {
      throw error(.missingTensor(tensor: "src", known: ["src"]))
    }
    return ModelCache(
      batch: batch,
      layers: try writers.map { LayerCache(try $0.attention.makeCache(batch: batch)) },
      memory: memory)
  }

  /// The layers that compute token after token: the decoders, if there are any.
  private var writers: [ModelLayer] { decoders.isEmpty ? encoder.layers : decoders }

  /// The name of the tokens that come in chunks.
  private var chunked: String { decoders.isEmpty ? "src" : "tgt" }

  /// Computes the next tokens of the source, or those of the target of a decoder.
  public func next(_ inputs: [String: Tensor], cache: TokenCache, real: Tensor?) throws -> Tensor {
    if let name = inputs.keys.sorted().first(where: { $0 != chunked }) {
      throw error(.unknownTensor(tensor: name, known: [chunked]))
    }
    guard let tokens = inputs[chunked] else {
      throw error(.missingTensor(tensor: chunked, known: [chunked]))
    }
    return try next(tokens, cache: cache, real: real)
  }

  /// Computes the next tokens, those in a cache being the ones before.
  ///
  /// - Shapes: source, or target of a decoder, as in a call, S from 0 → `[B, S, E]`.
  /// - `real`: Bool `[B, S]`, true for the first tokens of each row, as many as are real; nil for all.
  /// - Throws: `PartError` for tensors that do not fit, a cache of another part, and in training mode.
  public func next(_ tokens: Tensor, cache: TokenCache, real: Tensor? = nil) throws -> Tensor {
    guard let cache = cache as? ModelCache, cache.layers.count == writers.count else {
      throw strangeCache
    }
    let (rows, length) = tokens.rank > 1 ? (tokens.size(0), tokens.size(1)) : (0, 0)
    let chunk = try checkChunk(chunked, rows: rows, length: length, real: real, cache)
    let stacks = decoders.isEmpty ? plan.encoders : plan.decoders
    guard length > 0 else {
      return try Tensor.zeros(
        [rows, 0, stacks[stacks.count - 1].config.dimModel],
        parameters.first?.value.dtype ?? tokens.dtype)
    }
    var mapped = Tokens(tokens, isReal: real)
    try named(chunked, tokens, writers[0].stem, width: stacks[0].config.dimModel) {
      for (layer, own) in zip(writers, cache.layers) {
        mapped = try layer.next(mapped, cache: own, memory: cache.memory)
      }
    }
    cache.advance(by: chunk)
    return mapped.values
  }
}
