internal import Catalogue
public import Torch

/// Several heads of one attention: projects, splits, attends, joins and projects back.
///
/// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762). Unlike the original zoo, a value that is
/// left out is the key, `dim_value` may differ from E, and the options given are never changed. An
/// attention that makes its own heads is all there is: it has no projections around it, also no
/// unused ones, and options of theirs are refused.
///
/// - Shapes: query `[B, S, E]`, key `[B, T, E]`, value `[B, T, E]` → `[B, S, E]`; batches of 1
///   broadcast.
/// - Masks: those of the attention, `[B, S, T]` and `[B, T]` for each item, or `[B, H, S, T]`.
public final class MultiHeadDispatch: Module, PartModule {
  /// The options.
  public let config: MultiHeadConfig
  /// The attention of the heads.
  public let attention: any Attention
  /// What became of the attention's keys.
  public let attentionReport: BuildReport
  /// What the dispatch promises.
  public let claims: Claims
  /// The projections of queries, keys and values, if the attention wants any.
  public let inputProjection: InputProjection?
  /// The projection of the joined heads; nil for an attention that makes its own heads.
  public let outputProjection: Linear?
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
      // It is the dispatch's configuration that names an unknown part.
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
    claims = try Self.claims(for: config, around: entry)
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
    rotary =
      config.useRotaryEmbeddings
      ? try RotaryEmbedding(
        RotaryEmbeddingConfig(dimModel: config.keyWidth / config.numHeads), generator: generator)
      : nil
    dropout = Dropout(config.residualDropout, generator: generator)
    super.init([
      "in_proj_container": inputProjection, "attention": attention, "rotary_embeddings": rotary,
      "proj": outputProjection, "resid_drop": dropout,
    ])
  }

  /// The projections that the original has around an attention that makes its own heads.
  public override var deadKeys: [String] {
    guard outputProjection == nil else { return [] }
    let projections = ["q", "k", "v"].map { "in_proj_container.\($0)_proj" } + ["proj"]
    return projections.flatMap { ["\($0).weight", "\($0).bias"] }
  }

  /// The promises for the lengths of a call, behind projections.
  public func claims(queryLength: Int, keyLength: Int) -> Claims {
    Self.dispatched(attention.claims(queryLength: queryLength, keyLength: keyLength), config)
  }

  /// Query, and key and value if they are others.
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

  /// Attends to the tensors `query`, `key` and `value`.
  public func call(_ inputs: [String: Tensor]) throws -> Tensor {
    let named = try NamedInputs(inputs, signature, masks: true)
    return try self(
      named.required("query"), named["key"], named["value"], masks: named.masks)
  }

  /// The attention's draws.
  public var drawn: [String: Tensor] { attention.drawn }

  /// Hands draws to the attention.
  public func inject(_ drawn: [String: Tensor]) throws { try attention.inject(drawn) }

  /// What the attention says, and that the original takes the query for a value left out.
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

  /// A tensor of the shape that the attention gets for a tensor of tokens.
  private func foldedLike(_ x: Tensor) -> Tensor? {
    guard x.rank == 3 else { return nil }
    let heads = config.numHeads
    return try? Tensor.zeros([x.size(0) * heads, x.size(1), config.keyWidth / heads], x.dtype)
  }

  /// Attends; a key left out is the query, a value left out is the key.
  ///
  /// - Throws: `PartError` for tensors that do not fit and for masks the attention cannot honour.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor? = nil, _ value: Tensor? = nil, masks: Masks = .none
  ) throws -> Tensor {
    let inputs = try DispatchInputs(
      query, key ?? query,
      value ?? Fault.pick(.valueDefaultsToQuery, wrong: query, right: key ?? query), masks,
      for: self)
    guard let outputProjection else {
      return try attending {
        try attention(inputs.query, inputs.key, inputs.value, masks: inputs.masks)
      }
    }
    let heads = config.numHeads
    var queries = try split(inputProjection?.query(inputs.query) ?? inputs.query)
    var keys = try split(inputProjection?.key(inputs.key) ?? inputs.key)
    var values = try split(inputProjection?.value(inputs.value) ?? inputs.value)
    if Fault.isActive(.scaleModelWidth) { queries = try queries / Double(heads).squareRoot() }
    if Fault.isActive(.keysOfFirstHead) {
      keys = try keys.slice(1, 0..<1).expanded([-1, heads, -1, -1])
    }
    if Fault.isActive(.valueOffsetOfFirstHead) { values = try withFirstOffset(values) }
    if let rotary {
      let turned = try turned(queries, keys, by: rotary)
      queries = turned.query
      keys = Fault.pick(.rotaryQueriesOnly, wrong: keys, right: turned.key)
      if Fault.isActive(.rotaryTurnsValues) { values = try rotary(values, values).query }
    }
    let (batch, length) = (inputs.query.size(0), inputs.query.size(1))
    let attended = try attending {
      try attention.claims.heads == .explicit && !Fault.isActive(.headsFolded)
        ? attention(queries, keys, values, masks: inputs.masks)
        : attention(fold(queries), fold(keys), fold(values), masks: inputs.masks)
          .reshaped([batch, heads, length, -1])
    }
    let joined = try attended.transposed(1, 2).reshaped([batch, length, config.valueWidth])
    if Fault.isActive(.residualDropoutBefore) { return try outputProjection(dropout(joined)) }
    let output = try dropout(outputProjection(joined))
    return try Fault.pick(.dispatchShortcut, wrong: output + inputs.query, right: output)
  }

  /// What the attention gives, its errors in the words of this call.
  private func attending(_ body: () throws -> Tensor) throws -> Tensor {
    do { return try body() } catch let inner as PartError { throw named(inner) }
  }

  /// An error of the attention in the words of this call.
  func named(_ inner: PartError) -> PartError {
    error(inner.renamingTensors(["q": "query", "k": "key", "v": "value"]).problem)
  }

  /// Queries and keys turned by their positions.
  private func turned(_ queries: Tensor, _ keys: Tensor, by rotary: RotaryEmbedding) throws -> (
    query: Tensor, key: Tensor
  ) {
    guard Fault.isActive(.controlRotaryShifted) else { return try rotary(queries, keys) }
    func later(_ tokens: Tensor) throws -> Tensor { try tokens.padded([0, 0, 1, 0]) }
    func earlier(_ tokens: Tensor) throws -> Tensor { try tokens.slice(-2, 1..<tokens.size(-2)) }
    let moved = try rotary(later(queries), later(keys))
    return (try earlier(moved.query), try earlier(moved.key))
  }

  /// The values `[B, H, T, V]` with the offset of the first head in place of each head's own.
  private func withFirstOffset(_ values: Tensor) throws -> Tensor {
    guard let bias = inputProjection?.value.bias else { return values }
    let own = try bias.value.reshaped([1, config.numHeads, 1, -1])
    return try values - own + own.slice(1, 0..<1)
  }

  /// `[B, S, H·D]` → `[B, H, S, D]`.
  private func split(_ x: Tensor) throws -> Tensor {
    let (batch, length, heads) = (x.size(0), x.size(1), config.numHeads)
    return try Fault.pick(
      .splitNoTranspose, wrong: x.reshaped([batch, heads, length, -1]),
      right: Fault.pick(
        .splitAcrossItems, wrong: x.reshaped([heads, batch, length, -1]).transposed(0, 1),
        right: x.reshaped([batch, length, heads, -1]).transposed(1, 2)))
  }

  /// `[B, H, S, D]` → `[B·H, S, D]`, items outermost.
  private func fold(_ x: Tensor) throws -> Tensor {
    try x.reshaped([x.size(0) * x.size(1), x.size(2), x.size(3)])
  }
}
