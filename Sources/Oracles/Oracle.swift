/// A definition: what a part must compute in evaluation mode, in scalar loops over float64.
public struct Oracle: Sendable {
  /// The name, for attentions and positions that of the part in the registry.
  public let name: String
  /// The file of the definition, relative to the package, for source hashes.
  public let file: String
  /// Further files with formulas that the definition uses.
  public let supportingFiles: [String]
  /// Whether only + − × ÷ √ and comparisons are used, so that every machine gives the same bits.
  public let exactArithmetic: Bool
  /// Computes the output of a call; throws `OracleError` for a call that it cannot answer.
  public let evaluate: @Sendable (OracleCall) throws -> Values

  /// Makes a definition whose errors carry its name.
  public init(
    name: String, file: String, supportingFiles: [String] = [], exactArithmetic: Bool = false,
    evaluate: @escaping @Sendable (OracleCall) throws -> Values
  ) {
    self.name = name
    self.file = file
    self.supportingFiles = supportingFiles
    self.exactArithmetic = exactArithmetic
    self.evaluate = { call in
      var named = call
      named.oracle = name
      return try evaluate(named)
    }
  }
}

/// The definitions of the zoo.
public enum Oracles {
  /// The attentions, which the multi-head dispatch may wrap.
  public static let attentions: [Oracle] = [
    .scaledDotProduct, .local, .slidingWindow, .global, .random, .blocksparse, .linformer, .nystrom,
    .orthoformer,
    .lambda, .favor, .linear, .compositional, .fourierMix, .pooling, .visual,
  ]

  /// The feedforwards, of which experts may be made.
  public static let feedforwards: [Oracle] = [.mlp, .gatedLinearUnit, .convMLP, .mixtureOfExperts]

  /// The biases of logits, which the multi-head dispatch may add.
  public static let attentionBiases: [Oracle] = [.alibi, .t5Relative]

  /// All definitions.
  public static let all: [Oracle] =
    attentions + feedforwards + attentionBiases + [
      .multihead, .activation, .sine, .learnable, .vocab, .rotary,
      .layerNorm, .rmsNorm, .identity, .simplicial, .patchConvolution, .residual, .reversible,
      .model,
    ]

  /// The definition of a name; throws `OracleError` with the nearest name if it does not exist.
  public static func named(_ name: String) throws -> Oracle {
    try find(name, in: all, subject: "name `\(name)`", oracle: name)
  }

  /// The attention of a name, for a definition that wraps one.
  ///
  /// - Parameter others: definitions of other packages.
  static func attention(_ name: String, others: [Oracle], in oracle: String) throws -> Oracle {
    try find(
      name, in: attentions + others, subject: "option `attention.name`", oracle: oracle)
  }

  /// The definition of a name, for a mixture whose experts compute it.
  static func feedforward(_ name: String, others: [Oracle], in oracle: String) throws -> Oracle {
    try find(name, in: feedforwards + others, subject: "option `expert.name`", oracle: oracle)
  }

  /// The bias of a name, for a definition that adds it to logits.
  static func attentionBias(_ name: String, others: [Oracle], in oracle: String) throws -> Oracle {
    try find(
      name, in: attentionBiases + others, subject: "option `attention_bias.name`", oracle: oracle)
  }

  private static func find(
    _ name: String, in oracles: [Oracle], subject: String, oracle: String
  ) throws -> Oracle {
    if let found = oracles.first(where: { $0.name == name }) { return found }
    let names = oracles.map(\.name)
    throw OracleError(
      oracle: oracle, subject, expected: "one of " + names.joined(separator: ", "),
      got: "`\(name)`", nearest: nearestWord(to: name, among: names))
  }
}
