extension LawID {
  // Lambda layers.
  /// Keys softmaxed over positions, and relative positions, mix the values.
  public static let lambdaDefinition = sharp("LAM1", "lambda-definition", [.formula])
  /// The output is linear in queries and in values.
  public static let queryLinear = sharp("LAM2", "query-linear", [.formula])
  /// One vector added to all keys changes nothing.
  public static let keyShift = sharp("LAM3", "key-shift", [.norm])
  /// Only the distance of two tokens counts, and a shorter input uses the table's middle.
  public static let relativeShift = sharp("LAM4", "relative-shift", [.axis])

  // FAVOR+.
  /// The mean product of features is the kernel.
  public static let kernelUnbiased = sharp("FAV1", "kernel-unbiased", [.random, .statistical])
  /// Sixteen times the blocks, a sixteenth of the variance.
  public static let varianceRate = sharp("FAV2", "variance-rate", [.random, .statistical, .slow])
  /// Products of the features that the part reports are the weights.
  public static let featureOracle = sharp("FAV3", "feature-oracle", [.formula, .mask])
  /// Normalising the inputs changes nothing.
  public static let normaliseInvariant = sharp("FAV4", "normalise-invariant", [.scale, .config])
  /// Causal attention is attention over a prefix.
  public static let causalPrefix = sharp("FAV5", "causal-prefix", [.leak, .axis])
  /// Feature vectors are orthogonal in blocks and have the lengths that they should.
  public static let featureGeometry = sharp("FAV6", "feature-geometry", [.random, .statistical])
  /// Features are drawn anew when they should, and queries and keys share them.
  public static let redrawSchedule = sharp("FAV7", "redraw-schedule", [.random, .state, .config])
  /// More features come closer to softmax attention.
  public static let converges = sharp("FAV8", "converges", [.approximate, .statistical])

  static let kernels: [LawID] = [
    .lambdaDefinition, .queryLinear, .keyShift, .relativeShift,
    .kernelUnbiased, .varianceRate, .featureOracle, .normaliseInvariant, .causalPrefix,
    .featureGeometry, .redrawSchedule, .converges,
  ]
}
