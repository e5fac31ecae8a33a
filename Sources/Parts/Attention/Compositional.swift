internal import JSON
public import Torch

// @register(attention, "compositional", CompositionalAttentionConfig)
/// Searches and retrievals apart: each search finds weights, and picks among the retrievals.
///
/// [Mittal et al., 2021](https://arxiv.org/abs/2110.09419). Search h weighs tokens by softmax attention,
/// retrieval r has its own values, and a softmax over retrievals, scored against a retrieval query,
/// mixes the R results of each search. With one retrieval it is multi-head attention with one value
/// for all heads. Without `qk_rule` and `nonlinear` the score is linear, and the retrieval query is the
/// same for all retrievals: it cancels, and `value_q` has no effect, here as in the paper's code and
/// in the original zoo; prefer `qk_rule`.
///
/// Unlike the original zoo, `q_compose` takes the retrieval query of a token from that token, every
/// mask works, S and T may differ unless causal, and options without effect are refused. The part
/// makes its own heads, so a dispatch adds nothing around it.
///
/// - Shapes: query `[B, S, E]`, key, value `[B, T, E]` → `[B, S, E]`.
/// - Masks: all kinds. Causal needs S = T. A query without allowed keys gives
///   the bias of the last projection.
/// - Complexity: O(S·T·E·R + (S + T)·E²) time, O(S·T·H + S·E·R) memory.
public final class CompositionalAttention: Module, Attention {
  /// The options.
  public let config: CompositionalAttentionConfig
  /// The projections of queries, keys and values.
  public let inputProjection: InputProjection
  /// The projection of what the searches retrieved.
  public let outputProjection: Linear
  private let scorer: RetrievalScorer
  private let dropout: Dropout

  /// Draws input projections as torch does, all else by Glorot's rule.
  public init(_ config: CompositionalAttentionConfig, generator: Generator) throws {
    self.config = config
    inputProjection = try InputProjection(
      config.dimModel, keys: config.dimModel, values: config.valueWidth, bias: config.bias,
      separate: config.useSeparateProjWeight, generator: generator)
    scorer = try RetrievalScorer(config, generator: generator)
    outputProjection = try Linear(
      config.numHeads * config.valueWidth / config.rules, config.dimModel, bias: config.bias,
      generator: generator)
    try outputProjection.drawGlorot(generator: generator)
    if let bias = outputProjection.bias { try bias.replace(Tensor.zeros([config.dimModel])) }
    dropout = Dropout(config.dropout, generator: generator)
    super.init([
      "in_proj_container": inputProjection, "out_proj": outputProjection,
      "value_q": scorer.query, "value_k": scorer.key, "score_network": scorer.network,
      "attn_drop": dropout,
    ])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value, heads: config.numHeads)
    try checkTokens(query, "q", width: config.dimModel)
    let mask = try masks.resolved(lengths, dtype: query.dtype, claims: claims)
    let (batch, length, heads) = (query.size(0), lengths.queries, config.numHeads)
    let queries = try split(inputProjection.query(query))
    // Every head weighs the values of all retrievals.
    let values = try inputProjection.value(value).repeatInterleaved(heads, 0)
    let retrieved = try softmaxAttention(
      queries, split(inputProjection.key(key)), values, mask: mask, dropout: dropout
    ).reshaped([batch, heads, length, config.rules, -1])
    let scores = try scorer(retrieved, query: query, heads: queries)
    let picked = try (scores.softmax(-1).unsqueezed(-1) * retrieved).sum(3)
    return try outputProjection(picked.transposed(1, 2).reshaped([batch, length, -1]))
  }

  /// `[B, L, H·D]` → `[B·H, L, D]`, items outermost.
  private func split(_ x: Tensor) throws -> Tensor {
    let (batch, length, heads) = (x.size(0), x.size(1), config.numHeads)
    return try x.reshaped([batch, length, heads, -1]).transposed(1, 2)
      .reshaped([batch * heads, length, -1])
  }
}

// MARK: Contract

extension CompositionalAttention {
  /// Independent of the order of tokens unless causal; not linear, since the scores read the values.
  public static func claims(for config: CompositionalAttentionConfig) -> Claims {
    var claims = Claims()
    claims.causal = config.causal ? .always : .option
    claims.masks = Set(MaskKind.allCases)
    claims.emptyRow = config.bias ? .offset(key: "out_proj.bias") : .zero
    claims.queryEquivariant = !config.causal
    claims.keyValueInvariant = !config.causal
    claims.linearInValue = config.rules == 1 && !config.bias
    claims.crossLength = !config.causal
    claims.nanIsolation = [.masked, .batchRow]
    claims.pattern = .full
    claims.withoutGradient = RetrievalScorer.withoutGradient(config)
    // Adding one vector to all keys changes no weight.
    if config.bias, config.useSeparateProjWeight {
      claims.withoutGradient.insert("in_proj_container.k_proj.bias")
    }
    claims.parameters = parameters(config)
    claims.dropout = .weights(key: "dropout")
    claims.heads = .owned
    claims.inputProjection = false
    claims.definition = definition(config)
    return claims
  }

  private static func parameters(_ config: CompositionalAttentionConfig) -> [String:
    ParameterClaim]
  {
    let (tokens, values) = (config.dimModel, config.valueWidth / config.rules)
    var parameters = RetrievalScorer.parameters(config)
    parameters.addLinear("in_proj_container.q_proj", tokens, tokens, bias: config.bias)
    if config.useSeparateProjWeight {
      parameters.addLinear("in_proj_container.k_proj", tokens, tokens, bias: config.bias)
      parameters.addLinear("in_proj_container.v_proj", tokens, config.valueWidth, bias: config.bias)
    }
    parameters.addLinear(
      "out_proj", config.numHeads * values, tokens, bias: config.bias,
      weight: .glorot(config.numHeads * values, tokens), offset: .zero)
    return parameters
  }

  private static func definition(_ config: CompositionalAttentionConfig) -> Definition {
    let projections = ["q", "k", "v"].filter { $0 == "q" || config.useSeparateProjWeight }
    var layers = RetrievalScorer.layers(config)
    layers["out"] = "out_proj"
    for letter in projections { layers[letter] = "in_proj_container.\(letter)_proj" }
    var parameters: [String: String] = [:]
    for (role, key) in layers {
      parameters["\(role)_weight"] = "\(key).weight"
      if config.bias { parameters["\(role)_bias"] = "\(key).bias" }
    }
    return Definition(
      "compositional",
      options: [
        "causal": .bool(config.causal), "num_heads": .integer(config.numHeads),
        "num_rules": .integer(config.rules), "qk_rule": .bool(config.qkRule),
        "nonlinear": .bool(config.nonlinear), "q_compose": .bool(config.qCompose),
      ], parameters: parameters)
  }

  /// Query, key and value of the width of the model.
  public var signature: Signature {
    let keys: Signature.Axis = config.causal ? "S" : "T"
    return Signature(
      [
        .init("q", ["B", "S", "E"]), .init("k", ["B", keys, "E"]), .init("v", ["B", keys, "E"]),
      ], output: ["B", "S", "E"], fixed: ["E": config.dimModel])
  }

  /// With `q_compose`, the original mixes up the retrieval queries of items and positions.
  public func reference(for inputs: [String: Tensor]) -> ReferenceClaim {
    let isScored = config.rules > 1 && (config.qkRule || config.nonlinear)
    guard config.qCompose, isScored, inputs["q"]?.size(0) ?? 1 > 1 else { return .matches }
    return .deviates(reason: "the retrieval query of a token comes from that token")
  }
}
