extension LawID {
  // Lambda layers.
  /// Keys, softmaxed over positions, and relative positions mix the values.
  public static let lambdaDefinition = sharp("LAM1", "lambda-definition", [.formula])
  /// The output is linear in queries and in values.
  public static let queryLinear = sharp("LAM2", "query-linear", [.formula])
  /// One vector added to all keys changes nothing.
  public static let keyShift = sharp("LAM3", "key-shift", [.norm])
  /// Only the distance between tokens counts, and a shorter input uses the table's middle.
  public static let relativeShift = sharp("LAM4", "relative-shift", [.axis])

  // FAVOR+.
  /// The mean product of features is the kernel.
  public static let kernelUnbiased = sharp("FAV1", "kernel-unbiased", [.random, .statistical])
  /// Sixteen times the blocks give a sixteenth of the variance.
  public static let varianceRate = sharp("FAV2", "variance-rate", [.random, .statistical, .slow])
  /// Products of the features that the part reports are the weights.
  public static let featureOracle = sharp("FAV3", "feature-oracle", [.formula, .mask])
  /// Normalising the inputs changes nothing.
  public static let normaliseInvariant = sharp("FAV4", "normalise-invariant", [.scale, .config])
  /// Causal attention is attention over a prefix.
  public static let causalPrefix = sharp("FAV5", "causal-prefix", [.leak, .axis])
  /// Feature vectors are orthogonal within blocks and have the right lengths.
  public static let featureGeometry = sharp("FAV6", "feature-geometry", [.random, .statistical])
  /// Features are redrawn on schedule, and queries and keys share them.
  public static let redrawSchedule = sharp("FAV7", "redraw-schedule", [.random, .state, .config])
  /// More features come closer to softmax attention.
  public static let converges = sharp("FAV8", "converges", [.approximate, .statistical])

  // Orthoformer.
  /// As many landmarks as queries or keys give full attention, and masks are refused.
  public static let allLandmarks = sharp("ORT1", "all-landmarks", [.dispatch, .mask])
  /// Queries attend to landmarks, landmarks to keys, and no gradient flows through landmarks.
  public static let twoStage = sharp("ORT2", "two-stage", [.formula, .grad, .gradient])
  /// Equal queries give exact attention.
  public static let constantQuery = sharp("ORT3", "constant-query", [.formula, .scale])
  /// Each landmark is the query farthest from those before it.
  public static let greedySelection = sharp("ORT4", "greedy-selection", [.formula, .random])
  /// Centroids are the means of their queries, and no round makes them worse.
  public static let kmeansDescent = sharp("ORT5", "kmeans-descent", [.formula, .random])

  static let kernels: [LawID] = [
    .lambdaDefinition, .queryLinear, .keyShift, .relativeShift,
    .kernelUnbiased, .varianceRate, .featureOracle, .normaliseInvariant, .causalPrefix,
    .featureGeometry, .redrawSchedule, .converges,
    .allLandmarks, .twoStage, .constantQuery, .greedySelection, .kmeansDescent,
  ]
}
