internal import Torch

/// The scores by which each search weighs the retrievals.
///
/// Its layers are members of the attention, under the original's keys `value_q`, `value_k` and
/// `score_network`.
final class RetrievalScorer {
  /// Computes retrieval queries from tokens, or from the queries of each head.
  let query: Linear
  /// Computes retrieval keys from retrieved values, if scores are products.
  let key: Linear?
  /// The linear or two-layer network of `[retrieved; retrieval query]`, if they are not.
  let network: Module?
  private let first: Linear?
  private let last: Linear?
  private let config: CompositionalAttentionConfig

  init(_ config: CompositionalAttentionConfig, generator: Generator) throws {
    self.config = config
    let (width, values) = (config.selectionWidth, config.valueWidth / config.rules)
    func layer(_ inputs: Int, _ outputs: Int, gain: Double = 1) throws -> Linear {
      let made = try Linear(inputs, outputs, bias: config.bias, generator: generator)
      try made.drawGlorot(gain: gain, generator: generator)
      return made
    }
    let gain = config.qkRule ? 0.5.squareRoot() : 1
    let (heads, tokens) = (config.numHeads, config.dimModel)
    key = config.qkRule ? try layer(values, width, gain: gain) : nil
    query =
      config.qCompose
      ? try layer(tokens / heads, width, gain: gain)
      : try layer(tokens, heads * width, gain: gain)
    first = config.nonlinear ? try layer(width + values, width) : nil
    last = config.qkRule ? nil : try layer(config.nonlinear ? width : width + values, 1)
    network = first == nil ? last : Module(["0": first, "2": last])
  }

  /// The scores `[B, H, S, R]` of what was retrieved, `[B, H, S, R, V]`.
  ///
  /// - `query`: the tokens, `[B, S, E]`.
  /// - `heads`: the queries of each head, `[B·H, S, D]`.
  func callAsFunction(_ retrieved: Tensor, query tokens: Tensor, heads: Tensor) throws -> Tensor {
    if first == nil, let last {
      // The rest of a linear score is the same for every retrieval, and cancels in their softmax.
      // Adding it would only cost precision.
      let weight = try last.weight.value.slice(1, 0..<retrieved.size(-1))
      return try retrieved.linear(weight).squeezed(-1)
    }
    let sought = try retrievalQueries(tokens, heads)
    if let key {
      let scale = 1 / Double(config.selectionWidth).squareRoot()
      return try (key(retrieved) * (sought * scale).unsqueezed(3)).sum(-1)
    }
    let both = try Tensor.cat(
      [retrieved, sought.unsqueezed(3).expanded([-1, -1, -1, config.rules, -1])], -1)
    let hidden = try first?(both).relu() ?? both
    return try (last?(hidden) ?? hidden).squeezed(-1)
  }

  /// The retrieval query of each head of each token, `[B, H, S, width]`.
  private func retrievalQueries(_ tokens: Tensor, _ heads: Tensor) throws -> Tensor {
    let (batch, length, count) = (tokens.size(0), tokens.size(1), config.numHeads)
    guard config.qCompose else {
      return try query(tokens).reshaped([batch, length, count, -1]).transposed(1, 2)
    }
    let scaled = try heads / Double(heads.size(-1)).squareRoot()
    return try query(scaled.reshaped([batch, count, length, -1]))
  }

  /// The layers by their roles in the definition, with their keys.
  static func layers(_ config: CompositionalAttentionConfig) -> [String: String] {
    var layers = ["value_q": "value_q"]
    if config.qkRule { layers["value_k"] = "value_k" }
    if config.nonlinear { layers["score1"] = "score_network.0" }
    if !config.qkRule {
      layers[config.nonlinear ? "score2" : "score1"] =
        config.nonlinear ? "score_network.2" : "score_network"
    }
    return layers
  }

  /// The parameters; weights follow Glorot's rule, with a gain of 1/√2 where they meet in a product.
  static func parameters(_ config: CompositionalAttentionConfig) -> [String: ParameterClaim] {
    let (heads, tokens, width) = (config.numHeads, config.dimModel, config.selectionWidth)
    let values = config.valueWidth / config.rules
    var parameters: [String: ParameterClaim] = [:]
    func add(_ key: String, _ inputs: Int, _ outputs: Int) {
      parameters.addLinear(
        key, inputs, outputs, bias: config.bias,
        weight: .glorot(inputs, outputs, gain: config.qkRule ? 0.5.squareRoot() : 1))
    }
    if config.qCompose {
      add("value_q", tokens / heads, width)
    } else {
      add("value_q", tokens, heads * width)
    }
    if config.qkRule {
      add("value_k", values, width)
    } else if config.nonlinear {
      add("score_network.0", width + values, width)
      add("score_network.2", width, 1)
    } else {
      add("score_network", width + values, 1)
    }
    return parameters
  }

  /// The parameters that cancel in the softmax over retrievals.
  static func withoutGradient(_ config: CompositionalAttentionConfig) -> Set<String> {
    let suffixes = config.bias ? ["weight", "bias"] : ["weight"]
    func all(_ layers: some Sequence<String>) -> Set<String> {
      Set(layers.flatMap { layer in suffixes.map { "\(layer).\($0)" } })
    }
    if config.rules == 1 { return all(layers(config).values) }
    var names: Set<String> = []
    if !config.qkRule, !config.nonlinear { names = all(["value_q"]) }
    guard config.bias else { return names }
    let constant =
      config.qkRule ? "value_k" : config.nonlinear ? "score_network.2" : "score_network"
    return names.union(["\(constant).bias"])
  }
}

extension Linear {
  /// Draws the weight uniformly from ±gain·√(6 / (inputs + outputs)).
  ///
  /// Glorot and Bengio, 2010.
  func drawGlorot(gain: Double = 1, generator: Generator) throws {
    let shape = weight.value.shape
    let bound = gain * (6 / Double(shape[0] + shape[1])).squareRoot()
    try weight.replace(Tensor.uniform(shape, -bound..<bound, generator: generator))
  }
}
