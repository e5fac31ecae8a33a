public import JSON
internal import Torch

/// The options of a compositional attention.
public struct CompositionalAttentionConfig: PartConfig {
  /// The width of a token, E, in channels.
  public var dimModel: Int
  /// The number of searches, H.
  public var numHeads: Int
  /// The number of retrievals, R; by default H.
  public var numRules: Int?
  /// The width of all retrieved values, in channels; by default E.
  public var dimAttn: Int?
  /// The width in which retrievals are scored, in channels; by default E / H.
  public var dimSelection: Int?
  /// The width of all heads' queries and keys, in channels; must be E.
  public var dimKey: Int?
  /// The width of all values, in channels; must be `dim_attn`.
  public var dimValue: Int?
  /// Whether retrievals are scored by a product with the retrieval query, which is recommended.
  public var qkRule = false
  /// Whether the scorer has two layers. Otherwise it is linear, and the retrieval query cancels.
  public var nonlinear = false
  /// Whether the retrieval query comes from each head's query instead of the token.
  public var qCompose = false
  /// Whether projections have a bias.
  public var bias = true
  /// Whether a query sees only keys up to its own position.
  public var causal = false
  /// Must be null; a module is given in code.
  public var inProjContainer: JSON?
  /// Whether keys and values have their own projections. Otherwise they share that of the queries.
  public var useSeparateProjWeight = false
  /// The share of attention weights dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Two searches and as many retrievals.
  public static let sample = Self(dimModel: 8, numHeads: 2)
  /// The width and the number of searches have no default.
  public static let required = ["dim_model", "num_heads"]
  /// One retrieval, fewer and more than searches; twelve channels are divisible by all of them.
  public static let domain: [String: OptionDomain] = [
    "dim_model": .equal(.modelWidth), "num_heads": .equal(.heads),
    "num_rules": .values([nil, 1, 2]), "dim_attn": .values([nil, 12]),
    "dim_selection": .values([nil, 3]), "dim_key": .equal(.modelWidth),
    "dim_value": .values([nil, 12]), "in_proj_container": .fixed,
  ]
  /// It is only checked against `dim_attn`.
  public static let inert: Set = ["dim_value"]

  /// The number of retrievals.
  public var rules: Int { numRules ?? numHeads }
  /// The width of all retrieved values.
  public var valueWidth: Int { dimAttn ?? dimModel }
  /// The width in which retrievals are scored.
  public var selectionWidth: Int { dimSelection ?? dimModel / max(numHeads, 1) }

  /// Checks that widths are divisible and agree, and refuses options without effect.
  public func validate() throws {
    try require(dropout: dropout)
    for (key, size) in [
      ("dim_model", dimModel), ("num_heads", numHeads), ("num_rules", rules),
      ("dim_attn", valueWidth), ("dim_key", dimKey ?? 1), ("dim_value", dimValue ?? 1),
    ] {
      try require(size: size, key)
    }
    try require(
      dimModel % numHeads == 0, "dim_model", "a multiple of num_heads = \(numHeads)", got: dimModel)
    try require(size: selectionWidth, "dim_selection")
    try require(
      valueWidth % rules == 0, dimAttn == nil ? "num_rules" : "dim_attn",
      dimAttn == nil
        ? "a divisor of dim_model = \(dimModel)" : "a multiple of num_rules = \(rules)",
      got: dimAttn ?? rules)
    try require(
      dimKey ?? dimModel == dimModel, "dim_key", "dim_model = \(dimModel) or null",
      got: dimKey ?? dimModel)
    try require(
      dimValue ?? valueWidth == valueWidth, "dim_value", "dim_attn = \(valueWidth) or null",
      got: dimValue ?? valueWidth)
    try require(
      useSeparateProjWeight || valueWidth == dimModel, "dim_attn",
      "dim_model = \(dimModel) unless use_separate_proj_weight", got: valueWidth)
    try require(
      !(qkRule && nonlinear), "nonlinear", "false with qk_rule, which has no scorer",
      got: nonlinear)
    try require(
      inProjContainer == nil, "in_proj_container", "null; give a module in code",
      got: inProjContainer?.description ?? "null")
  }
}
