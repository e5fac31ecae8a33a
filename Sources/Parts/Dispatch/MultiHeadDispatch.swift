internal import Catalogue
public import JSON
public import Torch

/// Several heads of one attention: projects, splits, attends, joins and projects back.
///
/// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762). Unlike the original zoo, the value defaults
/// to the key, `dim_value` may differ from E, and the given options are never modified. An attention
/// that makes its own heads gets no projections around it, not even unused ones, and their options
/// are refused.
///
/// - Shapes: query `[B, S, E]`, key `[B, T, E]`, value `[B, T, E]` → `[B, S, E]`; batches of 1
///   broadcast.
/// - Masks: those of the attention, `[B, S, T]` and `[B, T]` for each item, or `[B, H, S, T]`.
public final class MultiHeadDispatch: Module, PartModule {
  /// The options.
  public let config: MultiHeadConfig
  /// The attention of the heads.
  public let attention: any Attention
  /// What became of the configuration keys of the attention.
  public let attentionReport: BuildReport
  /// The claims of the dispatch.
  public let claims: Claims
  /// The projections of queries, keys and values; nil if the attention takes tokens directly.
  public let inputProjection: InputProjection?
  /// The projection of the joined heads; nil for an attention that makes its own heads.
  public let outputProjection: Linear?
  /// What is added to the logits.
  public let bias: (any AttentionBias)?
  private let queryNorm: HeadNormalization?
  private let keyNorm: HeadNormalization?
  private let rotary: RotaryEmbedding?
  private let dropout: Dropout

  /// Builds the dispatch and its attention.
  ///
  /// - Throws: `PartError` for options that are refused here or by the attention.
  public init(_ config: MultiHeadConfig, registry: Registry = .zoo, generator: Generator) throws {
    self.config = config
    let name = config.attention["name"]?.string ?? ""
    let entry: PartEntry
    do { entry = try registry.entry(.attention, name) } catch {
      // The configuration of the dispatch is what names an unknown part.
      throw PartError(error.problem)
    }
    let promised = try Self.attentionClaims(config, entry)
    let isSplit = promised.heads != .owned
    inputProjection =
      isSplit && promised.inputProjection ? try InputProjection(config, generator: generator) : nil
    let options = Self.attentionOptions(config, entry)
    let built = try registry.build(.attention, name, options, generator: generator)
    guard let attention = built.part as? any Attention else {
      preconditionFailure("`\(name)` is registered as an attention, but is not one")
    }
    self.attention = attention
    attentionReport = built.report
    bias = try Self.bias(config, registry, generator)
    claims = try Self.claims(for: config, around: entry, in: registry)
    guard config.keyWidth == config.valueWidth || attention.claims.valueWidth == .free else {
      throw PartError(
        .value(
          key: "dim_value", expected: "dim_key = \(config.keyWidth), since the attention needs it",
          got: "\(config.valueWidth)"))
    }
    outputProjection =
      isSplit
      ? try Linear(
        config.valueWidth, config.dimModel, bias: config.bias.output, generator: generator) : nil
    if let bias = outputProjection?.bias { try bias.replace(Tensor.zeros([config.dimModel])) }
    let width = config.keyWidth / config.numHeads
    queryNorm = try config.qkNorm.map { try HeadNormalization(scales: $0 == .l2 ? 1 : width) }
    keyNorm = try config.qkNorm.map { try HeadNormalization(scales: $0 == .l2 ? 0 : width) }
    rotary =
      config.useRotaryEmbeddings
      ? try RotaryEmbedding(RotaryEmbeddingConfig(dimModel: width), generator: generator) : nil
    dropout = Dropout(config.residualDropout, generator: generator)
    super.init([
      "in_proj_container": inputProjection, "q_norm": queryNorm, "k_norm": keyNorm,
      "attention": attention, "rotary_embeddings": rotary, "attention_bias": bias,
      "proj": outputProjection, "resid_drop": dropout,
    ])
  }

  /// Computes the attention of all heads. The key defaults to the query, the value to the key.
  ///
  /// - Throws: `PartError` for tensors that do not fit and for masks the attention cannot honour.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor? = nil, _ value: Tensor? = nil, masks: Masks = .none
  ) throws -> Tensor {
    var inputs = try DispatchInputs(query, key ?? query, value ?? key ?? query, masks, for: self)
    if let bias { try inputs.add(bias) }
    guard let outputProjection else {
      return try naming {
        try attention(inputs.query, inputs.key, inputs.value, masks: inputs.masks)
      }
    }
    let (query, key, value) = try heads(of: inputs)
    return try joined(attend(query, key, value, inputs.masks), outputProjection)
  }

  /// The queries, keys and values of each head, `[B, H, S, D]`, `[B, G, T, D]` and `[B, G, T, V]`.
  ///
  /// - `offsets`: how many tokens come before those of each item; nil for none.
  /// - `known`: the keys and values, if they are known.
  func heads(
    of inputs: DispatchInputs, offsets: [Int]? = nil, known: (Tensor, Tensor)? = nil
  ) throws -> (Tensor, Tensor, Tensor) {
    var queries = try split(inputProjection?.query(inputs.query) ?? inputs.query, config.numHeads)
    if let queryNorm { queries = try queryNorm(queries) }
    var (keys, values) = try known ?? keysAndValues(of: inputs)
    if let rotary { (queries, keys) = try rotary(queries, keys, offsets: offsets) }
    return (queries, keys, values)
  }

  /// The keys and values of each head, before rotations.
  func keysAndValues(of inputs: DispatchInputs) throws -> (Tensor, Tensor) {
    let keys = try split(inputProjection?.key(inputs.key) ?? inputs.key, config.keyHeads)
    let values = try split(inputProjection?.value(inputs.value) ?? inputs.value, config.keyHeads)
    return (try keyNorm?(keys) ?? keys, values)
  }

  /// The attention of all heads, of which several may share keys and values.
  func attend(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ masks: Masks) throws
    -> Tensor
  {
    let (heads, groups) = (config.numHeads, config.keyHeads)
    let sharing = groups < heads ? attention as? any SharedKeyAttention : nil
    /// Tokens in the form in which the attention takes heads, with a copy for each if it must have one.
    func form(_ x: Tensor) throws -> Tensor {
      let isEnough = sharing != nil || x.size(1) == heads
      let all = isEnough ? x : try x.repeatInterleaved(heads / groups, 1)
      return try attention.claims.heads == .explicit ? all : fold(all)
    }
    let (query, key, value) = try (form(query), form(key), form(value))
    return try naming {
      try sharing?.attend(query, sharing: key, value, masks: masks)
        ?? attention(query, key, value, masks: masks)
    }
  }

  /// The heads side by side, projected back: `[B, H, S, V]` or `[B·H, S, V]` → `[B, S, E]`.
  func joined(_ heads: Tensor, _ projection: Linear) throws -> Tensor {
    let (length, width) = (heads.size(-2), heads.size(-1))
    let joined = try heads.reshaped([-1, config.numHeads, length, width]).transposed(1, 2)
      .reshaped([-1, length, config.valueWidth])
    return try dropout(projection(joined))
  }

  /// `[B, S, H·D]` → `[B, H, S, D]`.
  private func split(_ x: Tensor, _ heads: Int) throws -> Tensor {
    try x.reshaped([x.size(0), x.size(1), heads, -1]).transposed(1, 2)
  }

  /// `[B, H, S, D]` → `[B·H, S, D]`, items outermost.
  func fold(_ x: Tensor) throws -> Tensor {
    try x.reshaped([x.size(0) * x.size(1), x.size(2), x.size(3)])
  }

  /// The unused projections of the original around an attention that makes its own heads.
  public override var deadKeys: [String] {
    guard outputProjection == nil else { return [] }
    let projections = ["q", "k", "v"].map { "in_proj_container.\($0)_proj" } + ["proj"]
    return projections.flatMap { ["\($0).weight", "\($0).bias"] }
  }
}

// MARK: Contract

extension MultiHeadDispatch {
  /// The claims for the lengths of a call, with the projections taken into account.
  public func claims(queryLength: Int, keyLength: Int) -> Claims {
    Self.dispatched(
      attention.claims(queryLength: queryLength, keyLength: keyLength), config, bias?.claims)
  }

  /// Query, and optionally key and value.
  public var signature: Signature {
    let keys: Signature.Axis = claims.crossLength ? "T" : "S"
    return Signature(
      [
        .init("query", ["B", "S", "E"]), .init("key", ["B", keys, "E"], isOptional: true),
        .init("value", ["B", keys, "E"], isOptional: true),
      ], output: ["B", "S", "E"], fixed: ["E": config.dimModel])
  }

  /// The options as JSON.
  public var options: JSON { get throws { try config.json } }

  /// Computes the attention of the tensors `query`, `key` and `value`.
  public func call(_ inputs: [String: Tensor]) throws -> Tensor {
    let named = try NamedInputs(inputs, signature, masks: true)
    return try self(
      named.required("query"), named["key"], named["value"], masks: named.masks)
  }

  /// The draws of the attention.
  public var drawn: [String: Tensor] { attention.drawn }

  /// Passes draws to the attention.
  public func inject(_ drawn: [String: Tensor]) throws { try attention.inject(drawn) }

  /// As the attention says; in addition, the value of the original defaults to the query.
  public func reference(for inputs: [String: Tensor]) -> ReferenceClaim {
    if inputs["key"] != nil, inputs["value"] == nil {
      return .deviates(reason: "a value that is left out is the key, not the query")
    }
    var inner = inputs
    for (outer, name) in [("query", "q"), ("key", "k"), ("value", "v")] {
      let tensor = inner.removeValue(forKey: outer) ?? inner["k"] ?? inner["q"]
      inner[name] = outputProjection == nil ? tensor : tensor.flatMap(foldedLike)
    }
    return attention.dispatchReference(for: inner)
  }

  /// A tensor of the shape in which the attention gets these tokens.
  private func foldedLike(_ x: Tensor) -> Tensor? {
    guard x.rank == 3 else { return nil }
    let heads = config.numHeads
    return try? Tensor.zeros([x.size(0) * heads, x.size(1), config.keyWidth / heads], x.dtype)
  }

  /// An output of the attention, whose errors name the tensors of this call.
  func naming(_ output: () throws -> Tensor) throws -> Tensor {
    do { return try output() } catch let inner as PartError { throw named(inner) }
  }

  /// An error of the attention, with the tensor names of this call.
  func named(_ inner: PartError) -> PartError {
    error(inner.renamingTensors(["q": "query", "k": "key", "v": "value"]).problem)
  }
}
