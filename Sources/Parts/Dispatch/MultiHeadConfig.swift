public import JSON
internal import Torch

/// The options of a multi-head dispatch.
public struct MultiHeadConfig: PartConfig {
  /// The width of a token, E, in channels.
  public var dimModel: Int
  /// The number of heads, H.
  public var numHeads: Int
  /// The options of the attention, including its `name`.
  public var attention: JSON
  /// Which projections have a bias.
  public var bias = ProjectionBiases(all: true)
  /// The share of output channels dropped while training, 0 ... 1.
  public var residualDropout = 0.0
  /// Whether keys and values have their own projection weights; biases are never shared.
  public var useSeparateProjWeight = true
  /// The width of the queries and keys of all heads, in channels; by default E.
  public var dimKey: Int?
  /// The width of the values of all heads, in channels; by default E.
  public var dimValue: Int?
  /// Must be null; a module is given in code.
  public var inProjContainer: JSON?
  /// The number of heads of keys and values, G, which must divide H; by default H. Neighbouring heads
  /// of queries, H / G at a time, share one. Not in the original.
  public var numKvHeads: Int?
  /// How queries and keys are normalized in each head, before rotary embeddings; by default not. Not
  /// in the original.
  public var qkNorm: HeadNorm?
  /// Whether queries and keys get rotary position embeddings.
  public var useRotaryEmbeddings = false
  /// The options of a bias that is added to the logits, including its `name`, such as `alibi`; the
  /// attention must take additive masks.
  public var attentionBias: JSON?
  /// Must be null; a module is given in code.
  public var outProj: JSON?

  /// Two heads of four channels.
  public static let sample = Self(
    dimModel: 8, numHeads: 2, attention: ["name": "scaled_dot_product"])
  /// The widths and the attention have no default.
  public static let required = ["dim_model", "num_heads", "attention"]
  /// Each flag; the laws of the dispatch try widths that differ from that of the model.
  public static let domain: [String: OptionDomain] = [
    "dim_model": .equal(.modelWidth), "num_heads": .equal(.heads), "attention": .fixed,
    // Biases are judged by themselves and, as masks, by a law of the dispatch.
    "attention_bias": .fixed,
    "bias": .values([true, false, [false, true, false, true]]),
    "in_proj_container": .fixed, "out_proj": .fixed,
    // One divides every number of heads; a law of the dispatch tries others.
    "num_kv_heads": .values([nil, 1]), "qk_norm": .values([nil, "rms", "l2"]),
  ]

  /// The width of queries and keys of all heads, in channels.
  public var keyWidth: Int { dimKey ?? dimModel }
  /// The width of values of all heads, in channels.
  public var valueWidth: Int { dimValue ?? dimModel }
  /// The number of heads of keys and values.
  public var keyHeads: Int { numKvHeads ?? numHeads }

  /// The channels of the heads of keys or values, of so many if there were one for each query head.
  func shared(_ width: Int) -> Int { width / numHeads * keyHeads }

  /// Checks that widths are divisible by the number of heads, and the ranges.
  public func validate() throws {
    try require(dropout: residualDropout, key: "residual_dropout")
    try require(size: numHeads, "num_heads")
    try require(size: dimModel, "dim_model")
    for (key, width) in [
      (dimKey == nil ? "dim_model" : "dim_key", keyWidth),
      (dimValue == nil ? "dim_model" : "dim_value", valueWidth),
    ] {
      try require(
        width >= 1 && width % numHeads == 0, key, "a multiple of num_heads = \(numHeads)",
        got: width)
    }
    try require(
      keyHeads >= 1 && numHeads % keyHeads == 0, "num_kv_heads",
      "a divisor of num_heads = \(numHeads)", got: keyHeads)
    try require(
      useSeparateProjWeight || keyHeads == numHeads, "num_kv_heads",
      "num_heads = \(numHeads) when use_separate_proj_weight is false", got: keyHeads)
    try require(
      useSeparateProjWeight || keyWidth == valueWidth, "use_separate_proj_weight",
      "true when dim_key and dim_value differ", got: useSeparateProjWeight)
    try require(
      !useRotaryEmbeddings || keyWidth / numHeads % 2 == 0, "use_rotary_embeddings",
      "false when the width of a head, dim_key / num_heads = \(keyWidth / numHeads), is odd",
      got: useRotaryEmbeddings)
    for (key, module) in [("in_proj_container", inProjContainer), ("out_proj", outProj)] {
      try require(
        module == nil, key, "null; give a module in code", got: module?.description ?? "null")
    }
    try require(
      attentionBias == nil || attentionBias?["name"]?.string != nil, "attention_bias",
      "an object with the `name` of an attention bias", got: attentionBias?.description ?? "null")
    try require(
      attention.object != nil, "attention", "an object with a `name`", got: attention.description)
    try require(
      attention["name"]?.string != nil, "attention.name", "the name of an attention",
      got: attention["name"]?.description ?? "nothing")
  }
}

/// Which of the four projections have a bias: one truth value for all, or four.
public struct ProjectionBiases: Codable, Sendable, Equatable {
  /// Whether the projection of queries has one.
  public var query: Bool
  /// Whether the projection of keys has one.
  public var key: Bool
  /// Whether the projection of values has one.
  public var value: Bool
  /// Whether the output projection has one.
  public var output: Bool

  /// One value for all four.
  public init(all: Bool) { (query, key, value, output) = (all, all, all, all) }

  /// Reads `true`, `false` or an array of four.
  public init(from decoder: any Decoder) throws {
    if let all = try? decoder.singleValueContainer().decode(Bool.self) {
      self.init(all: all)
      return
    }
    let four = try? [Bool](from: decoder)
    guard let four, four.count == 4 else {
      throw PartError(
        .value(
          key: "bias", expected: "true, false or an array of four of them",
          got: (try? JSON(from: decoder).description) ?? "something else"))
    }
    self.init(all: four[0])
    (key, value, output) = (four[1], four[2], four[3])
  }

  /// Writes one truth value if all are equal, otherwise four.
  public func encode(to encoder: any Encoder) throws {
    let four = [query, key, value, output]
    if Set(four).count == 1 { try query.encode(to: encoder) } else { try four.encode(to: encoder) }
  }
}
