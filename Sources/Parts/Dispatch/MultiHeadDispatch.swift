internal import Catalogue
public import Torch

/// Several heads of one attention: projects, splits, attends, joins and projects back.
///
/// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762). Unlike the original zoo, a value that is
/// left out is the key, `dim_value` may differ from E, and the options given are never changed.
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
  /// The projections of queries, keys and values.
  public let inputProjection: InputProjection
  /// The projection of the joined heads.
  public let outputProjection: Linear
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
    inputProjection = try InputProjection(config, generator: generator)
    let options = Self.attentionOptions(config, entry)
    let built = try registry.build(.attention, name, options, generator: generator)
    guard let attention = built.part as? any Attention else {
      preconditionFailure("the registry holds an attention that is none: \(name)")
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
    outputProjection = try Linear(
      config.valueWidth, config.dimModel, bias: config.bias.output, generator: generator)
    if let bias = outputProjection.bias { try bias.replace(Tensor.zeros([config.dimModel])) }
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

  /// The attention's options, with what the dispatch knows filled in where a key is absent.
  static func attentionOptions(_ config: MultiHeadConfig, _ entry: PartEntry) -> JSON {
    var options = config.attention.object ?? [:]
    let known: [(String, Int)] = [
      ("num_heads", config.numHeads), ("dim_model", config.dimModel),
      ("dim_head", config.keyWidth / max(config.numHeads, 1)),
    ]
    for (key, value) in known where entry.keys.contains(key) && (options[key]?.isNull ?? true) {
      options[key] = .integer(value)
    }
    return .object(options)
  }

  /// What is left of an attention's promises behind projections.
  static func claims(for config: MultiHeadConfig, around entry: PartEntry) throws -> Claims {
    var options = attentionOptions(config, entry).object ?? [:]
    options["name"] = nil
    for key in options.keys where !entry.keys.contains(key) { options[key] = nil }
    let inner = try entry.claims(for: .object(options))
    return dispatched(inner, config)
  }

  private static func dispatched(_ inner: Claims, _ config: MultiHeadConfig) -> Claims {
    var claims = inner
    claims.linearInValue = false
    claims.rowsSumToOne = false
    claims.convexHull = false
    claims.softmaxOverProducts = false
    claims.pattern = nil
    claims.valueWidth = .same
    claims.batchBroadcast = true
    claims.heads = .owned
    claims.nanIsolation = inner.nanIsolation.subtracting([.token])
    claims.queryEquivariant = inner.queryEquivariant && !config.useRotaryEmbeddings
    claims.keyValueInvariant = inner.keyValueInvariant && !config.useRotaryEmbeddings
    claims.dropout = .output(key: "residual_dropout")
    claims.definition = inner.definition.map { definition($0, config) }
    return claims
  }

  private static func definition(_ inner: Definition, _ config: MultiHeadConfig) -> Definition {
    var attention = inner.options.object ?? [:]
    attention["name"] = .string(inner.oracle)
    var parameters = ["out_weight": "proj.weight"]
    if config.bias.output { parameters["out_bias"] = "proj.bias" }
    let projections = [
      ("q", config.bias.query), ("k", config.bias.key), ("v", config.bias.value),
    ]
    for (letter, hasBias) in projections {
      parameters["\(letter)_weight"] = "in_proj_container.\(letter)_proj.weight"
      if hasBias { parameters["\(letter)_bias"] = "in_proj_container.\(letter)_proj.bias" }
    }
    for (role, key) in inner.parameters {
      parameters["attention.\(role)"] = "attention.\(key)"
    }
    return Definition(
      "multihead",
      options: [
        "num_heads": .integer(config.numHeads), "dim_model": .integer(config.dimModel),
        "dim_key": .integer(config.keyWidth), "dim_value": .integer(config.valueWidth),
        "use_rotary_embeddings": .bool(config.useRotaryEmbeddings),
        "attention": .object(attention),
      ], parameters: parameters)
  }

  /// The attention's promises for these lengths, behind projections.
  public func claims(queryLength: Int, keyLength: Int) -> Claims {
    Self.dispatched(
      attention.claims(queryLength: queryLength, keyLength: keyLength), config)
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
      inner[name] = tensor.flatMap(foldedLike)
    }
    return attention.reference(for: inner)
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
    let inputs = try broadcast(query, key ?? query, value ?? key ?? query, masks)
    let heads = config.numHeads
    var queries = try split(inputProjection.query(inputs.query))
    var keys = try split(inputProjection.key(inputs.key))
    let values = try split(inputProjection.value(inputs.value))
    if Fault.isActive(.scaleModelWidth) { queries = try queries / Double(heads).squareRoot() }
    if let rotary { (queries, keys) = try rotary(queries, keys) }
    let batch = inputs.query.size(0)
    let output: Tensor
    do {
      output =
        try attention.claims.heads == .explicit
        ? attention(queries, keys, values, masks: masks)
        : attention(fold(queries), fold(keys), fold(values), masks: masks)
          .reshaped([batch, heads, inputs.query.size(1), -1])
    } catch let inner as PartError {
      throw named(inner)
    }
    let joined = try output.transposed(1, 2)
      .reshaped([batch, inputs.query.size(1), config.valueWidth])
    return try dropout(outputProjection(joined))
  }

  /// An error of the attention in the words of this call.
  private func named(_ inner: PartError) -> PartError {
    error(inner.renamingTensors(["q": "query", "k": "key", "v": "value"]).problem)
  }

  /// Checks the tensors and repeats those of one item for the whole batch.
  private func broadcast(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ masks: Masks
  ) throws -> (query: Tensor, key: Tensor, value: Tensor) {
    for (name, tensor) in [("query", query), ("key", key), ("value", value)] {
      try checkTokens(tensor, name, width: config.dimModel)
    }
    let claims = self.claims
    let batch: Int
    do {
      let lengths = try AttentionLengths(
        query, key, value, claims: claims, heads: config.numHeads, part: errorTitle)
      try masks.check(lengths, dtype: query.dtype, claims: claims)
      batch = lengths.front[0]
    } catch let inner as PartError {
      throw named(inner)
    }
    func repeated(_ x: Tensor) throws -> Tensor {
      x.size(0) == batch ? x : try x.expanded([batch, -1, -1])
    }
    return (try repeated(query), try repeated(key), try repeated(value))
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
