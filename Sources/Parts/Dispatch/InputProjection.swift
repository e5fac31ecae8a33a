public import Torch

/// The projections of queries, keys and values.
///
/// Shapes: `[B, S, E]`, `[B, T, E]`, `[B, T, E]` → `[B, S, key width]`, `[B, T, key width·G/H]`,
/// `[B, T, value width·G/H]`. Keys `q_proj`, `k_proj`, `v_proj`.
public final class InputProjection: Module {
  /// The projection of queries.
  public let query: Linear
  /// The projection of keys.
  public let key: Linear
  /// The projection of values.
  public let value: Linear

  /// Draws the projections as torch does; a shared weight is that of the queries.
  public init(_ config: MultiHeadConfig, generator: Generator) throws {
    let (width, bias) = (config.dimModel, config.bias)
    query = try Linear(width, config.keyWidth, bias: bias.query, generator: generator)
    if config.useSeparateProjWeight {
      let (keys, values) = (config.shared(config.keyWidth), config.shared(config.valueWidth))
      key = try Linear(width, keys, bias: bias.key, generator: generator)
      value = try Linear(width, values, bias: bias.value, generator: generator)
    } else {
      // Only their biases are used, but drawing everything keeps the order of the original's draws.
      let own = try Linear(width, config.keyWidth, bias: bias.key, generator: generator)
      let other = try Linear(width, config.valueWidth, bias: bias.value, generator: generator)
      key = Linear(sharing: query.weight, bias: own.bias)
      value = Linear(sharing: query.weight, bias: other.bias)
    }
    super.init(["q_proj": query, "k_proj": key, "v_proj": value])
  }

  /// Draws the projections as torch does.
  ///
  /// - Parameters:
  ///   - inputs: the width of tokens, in channels.
  ///   - keys: the width of queries and keys, in channels.
  ///   - values: the width of values, in channels.
  ///   - bias: whether the projections have a bias.
  ///   - separate: whether keys and values have their own projections; otherwise they share weight
  ///     and bias with the queries.
  ///   - generator: draws the initial values.
  init(
    _ inputs: Int, keys: Int, values: Int, bias: Bool, separate: Bool, generator: Generator
  ) throws {
    query = try Linear(inputs, keys, bias: bias, generator: generator)
    key = separate ? try Linear(inputs, keys, bias: bias, generator: generator) : query
    value = separate ? try Linear(inputs, values, bias: bias, generator: generator) : query
    super.init(["q_proj": query, "k_proj": key, "v_proj": value])
  }
}
