internal import Catalogue
internal import JSON
internal import Torch

extension MultiHeadDispatch {
  /// The sizes that the attention need not be given.
  static let filledIn: [String: Dimension] = [
    "num_heads": .heads, "dim_model": .modelWidth, "dim_head": .headWidth,
  ]

  /// The sizes that the dispatch and its attention share, with where the dispatch has them from.
  private static func sharedSizes(_ config: MultiHeadConfig) -> [(
    key: String, size: Int, source: String
  )] {
    let width = config.keyWidth / max(config.numHeads, 1)
    var sizes = [
      ("num_heads", config.numHeads, "num_heads"), ("dim_model", config.dimModel, "dim_model"),
      ("dim_head", width, "\(config.dimKey == nil ? "dim_model" : "dim_key") / num_heads"),
    ]
    if let width = config.dimKey { sizes.append(("dim_key", width, "dim_key")) }
    if let width = config.dimValue { sizes.append(("dim_value", width, "dim_value")) }
    return sizes
  }

  /// The attention's options; sizes that the dispatch knows are filled in if absent.
  static func attentionOptions(_ config: MultiHeadConfig, _ entry: PartEntry) -> JSON {
    var options = config.attention.object ?? [:]
    for (key, size, _) in sharedSizes(config)
    where filledIn[key] != nil && entry.keys.contains(key) && (options[key]?.isNull ?? true) {
      options[key] = .integer(size)
    }
    return .object(options)
  }

  /// Throws for a size of the attention that contradicts the dispatch, whether it is used or not.
  private static func refuseOtherSizes(_ config: MultiHeadConfig) throws(PartError) {
    for (key, size, source) in sharedSizes(config) {
      guard let given = config.attention[key], let number = given.double, number != Double(size)
      else { continue }
      throw PartError(
        .value(
          key: "attention.\(key)", expected: "\(source) = \(size), the dispatch's own",
          got: given.description))
    }
  }

  /// What the attention promises by itself.
  static func attentionClaims(_ config: MultiHeadConfig, _ entry: PartEntry) throws -> Claims {
    try refuseOtherSizes(config)
    var options = attentionOptions(config, entry).object ?? [:]
    options["name"] = nil
    for key in options.keys where !entry.keys.contains(key) { options[key] = nil }
    return try entry.claims(for: .object(options))
  }

  /// The claims of the dispatch around an attention.
  ///
  /// - Throws: `PartError` for options that would have no effect around this attention.
  static func claims(
    for config: MultiHeadConfig, around entry: PartEntry, in registry: Registry = .zoo
  ) throws -> Claims {
    let inner = try attentionClaims(config, entry)
    try refuseDeadOptions(config, inner)
    let bias = try bias(config, registry, Generator(seed: 0))
    guard bias == nil || inner.masks.contains(.additive) else {
      throw PartError(
        .unsupported(
          feature: "`attention_bias`: \(config.attentionBias ?? .null)",
          reason: "the attention takes no additive mask"))
    }
    return dispatched(inner, config, bias?.claims)
  }

  /// The bias that the options name; their number of heads is the dispatch's own.
  static func bias(_ config: MultiHeadConfig, _ registry: Registry, _ generator: Generator) throws
    -> (any AttentionBias)?
  {
    guard var options = config.attentionBias?.object else { return nil }
    let (key, heads) = ("num_heads", JSON.integer(config.numHeads))
    let given = options[key] ?? .null
    try config.require(
      given.isNull || given == heads, "attention_bias.\(key)",
      "num_heads = \(heads), the dispatch's own", got: given)
    let name = options["name"]?.string ?? ""
    do {
      options[key] = try registry.entry(.attentionBias, name).keys.contains(key) ? heads : nil
      return try registry.build(.attentionBias, name, .object(options), generator: generator).part
        as? any AttentionBias
    } catch let error as PartError {
      // The configuration of the dispatch is what names the bias.
      throw PartError(error.problem).inside("attention_bias")
    }
  }

  /// Throws for options of projections, heads and positions that this dispatch does not have.
  private static func refuseDeadOptions(_ config: MultiHeadConfig, _ inner: Claims)
    throws(PartError)
  {
    let isOwned = inner.heads == .owned
    guard isOwned || !inner.inputProjection else { return }
    let reason =
      isOwned
      ? "the attention makes its own heads, with nothing around it"
      : "the attention takes tokens without a projection"
    func refuse(_ key: String, _ value: JSON, if isAsked: Bool) throws(PartError) {
      if isAsked { throw PartError(.unsupported(feature: "`\(key)`: \(value)", reason: reason)) }
    }
    let bias = config.bias
    let isBiasDead = ![bias.query, bias.key, bias.value, bias.output || !isOwned].allSatisfy(\.self)
    try refuse("bias", (try? config.json["bias"]) ?? .null, if: isBiasDead)
    try refuse("use_separate_proj_weight", false, if: !config.useSeparateProjWeight)
    for (key, width) in [("dim_key", config.dimKey), ("dim_value", config.dimValue)] {
      try refuse(key, .integer(width ?? 0), if: width ?? config.dimModel != config.dimModel)
    }
    try refuse("num_kv_heads", .integer(config.keyHeads), if: config.numKvHeads != nil)
    try refuse("qk_norm", .string(config.qkNorm?.rawValue ?? ""), if: config.qkNorm != nil)
    guard isOwned else { return }
    try refuse("use_rotary_embeddings", true, if: config.useRotaryEmbeddings)
    try refuse(
      "residual_dropout", .number(config.residualDropout), if: config.residualDropout > 0)
  }

  /// The claims of a dispatch around an attention with these claims.
  static func dispatched(_ inner: Claims, _ config: MultiHeadConfig, _ bias: Claims? = nil)
    -> Claims
  {
    var claims = inner
    claims.batchBroadcast = true
    claims.valueWidth = .same
    claims.incremental = inner.incremental && inner.heads == .folded
    claims.withoutGradient = Set(inner.withoutGradient.map(outerName))
    claims.definition = inner.definition.map { definition($0, inner, config) }
    claims.parameters = parameters(inner, config)
    if let bias { claims.add(bias) }
    guard inner.heads != .owned else {
      claims.emptyRow = inner.emptyRow.prefixed
      claims.dropout = inner.dropout.prefixed
      return claims
    }
    // Adding one vector to all keys changes no weight.
    if inner.softmaxOverProducts, config.bias.key, !config.useRotaryEmbeddings, config.qkNorm == nil {
      claims.withoutGradient.insert("in_proj_container.k_proj.bias")
    }
    claims.linearInValue = false
    claims.rowsSumToOne = false
    claims.convexHull = false
    claims.softmaxOverProducts = false
    claims.pattern = nil
    claims.heads = .owned
    claims.inputProjection = true
    claims.nanIsolation = inner.nanIsolation.subtracting([.token])
    claims.queryEquivariant = claims.queryEquivariant && !config.useRotaryEmbeddings
    claims.keyValueInvariant = claims.keyValueInvariant && !config.useRotaryEmbeddings
    claims.dropout = .output(key: "residual_dropout")
    if inner.emptyRow != .throwing {
      claims.emptyRow = config.bias.output ? .offset(key: "proj.bias") : .zero
    }
    return claims
  }

  /// The name in the dispatch of a tensor or parameter of the attention.
  private static func outerName(_ inner: String) -> String {
    ["q": "query", "k": "key", "v": "value"][inner] ?? "attention.\(inner)"
  }

  private static func parameters(_ inner: Claims, _ config: MultiHeadConfig) -> [String:
    ParameterClaim]
  {
    var parameters = [String: ParameterClaim](
      uniqueKeysWithValues: inner.parameters.map { ("attention.\($0)", $1) })
    guard inner.heads != .owned else { return parameters }
    if inner.inputProjection {
      for (letter, width, hasBias) in [
        ("q", config.keyWidth, config.bias.query),
        ("k", config.shared(config.keyWidth), config.bias.key),
        ("v", config.shared(config.valueWidth), config.bias.value),
      ] {
        let key = "in_proj_container.\(letter)_proj"
        parameters.addLinear(key, config.dimModel, width, bias: hasBias)
        if letter != "q", !config.useSeparateProjWeight { parameters["\(key).weight"] = nil }
      }
    }
    if let norm = config.qkNorm {
      let width = config.keyWidth / config.numHeads
      parameters["q_norm.weight"] = ParameterClaim([norm == .l2 ? 1 : width], .one)
      if norm == .rms { parameters["k_norm.weight"] = ParameterClaim([width], .one) }
    }
    parameters.addLinear(
      "proj", config.valueWidth, config.dimModel, bias: config.bias.output, offset: .zero)
    return parameters
  }

  private static func definition(
    _ inner: Definition, _ claims: Claims, _ config: MultiHeadConfig
  ) -> Definition {
    var attention = inner.options.object ?? [:]
    attention["name"] = .string(inner.oracle)
    var options: JSONObject = [
      "num_heads": .integer(config.numHeads), "dim_model": .integer(config.dimModel),
      "attention": .object(attention),
    ]
    var parameters: [String: String] = [:]
    for (role, key) in inner.parameters { parameters["attention.\(role)"] = "attention.\(key)" }
    guard claims.heads != .owned else {
      options["heads"] = "owned"
      return Definition("multihead", options: .object(options), parameters: parameters)
    }
    options["dim_key"] = .integer(config.keyWidth)
    options["dim_value"] = .integer(config.valueWidth)
    options["use_rotary_embeddings"] = .bool(config.useRotaryEmbeddings)
    parameters["out_weight"] = "proj.weight"
    if config.bias.output { parameters["out_bias"] = "proj.bias" }
    guard claims.inputProjection else {
      options["input_projection"] = false
      return Definition("multihead", options: .object(options), parameters: parameters)
    }
    if config.keyHeads != config.numHeads { options["num_kv_heads"] = .integer(config.keyHeads) }
    if let norm = config.qkNorm {
      options["qk_norm"] = .string(norm.rawValue)
      parameters["q_norm"] = "q_norm.weight"
      if norm == .rms { parameters["k_norm"] = "k_norm.weight" }
    }
    let projections = [
      ("q", config.bias.query), ("k", config.bias.key), ("v", config.bias.value),
    ]
    for (letter, hasBias) in projections {
      parameters["\(letter)_weight"] = "in_proj_container.\(letter)_proj.weight"
      if hasBias { parameters["\(letter)_bias"] = "in_proj_container.\(letter)_proj.bias" }
    }
    return Definition("multihead", options: .object(options), parameters: parameters)
  }
}

extension Claims {
  /// Adds those of a bias of the logits.
  fileprivate mutating func add(_ bias: Claims) {
    (queryEquivariant, keyValueInvariant, memoryExponent) = (false, false, 2)
    pattern = nil
    let prefix = "attention_bias"
    parameters.merge(
      bias.parameters.map { ("\(prefix).\($0)", $1) }, uniquingKeysWith: { first, _ in first })
    guard let own = bias.definition else { return definition = nil }
    var options = own.options.object ?? [:]
    options["name"] = .string(own.oracle)
    var all = definition?.options.object ?? [:]
    all[prefix] = .object(options)
    definition?.options = .object(all)
    for (role, key) in own.parameters {
      definition?.parameters["\(prefix).\(role)"] = "\(prefix).\(key)"
    }
  }
}

extension EmptyRowClaim {
  /// The claim with the key that the dispatch has for it.
  fileprivate var prefixed: EmptyRowClaim {
    if case .offset(let key) = self { .offset(key: "attention.\(key)") } else { self }
  }
}

extension DropoutClaim {
  /// The claim with the key that the dispatch has for it.
  fileprivate var prefixed: DropoutClaim {
    switch self {
    case .none: .none
    case .weights(let key): .weights(key: "attention.\(key)")
    case .output(let key): .output(key: "attention.\(key)")
    case .inside(let key): .inside(key: "attention.\(key)")
    case .both(let key): .both(key: "attention.\(key)")
    case .within(let key, let sites):
      .within(key: "attention.\(key)", sites: sites)
    }
  }
}
