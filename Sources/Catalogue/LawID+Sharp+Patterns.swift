extension LawID {
  // Global attention.
  /// Equals full attention over pairs with a global token.
  public static let maskUnion = sharp("GLO1", "mask-union", [.formula, .overmask, .leak])
  /// A shorter input uses the first entries of the mask.
  public static let crop = sharp("GLO2", "crop", [.leak, .axis])
  /// All tokens global give full attention; none gives 0.
  public static let allOrNone = sharp("GLO3", "all-or-none", [.formula, .norm])

  // Random attention.
  /// Equals full attention over the pairs that the part reports.
  public static let drawnPattern = sharp("RND1", "drawn-pattern", [.formula, .leak])
  /// The pattern contains the diagonal, and other pairs at the configured rate.
  public static let patternRate = sharp("RND2", "pattern-rate", [.random, .statistical])
  /// A pattern is drawn once per length, or again for each call.
  public static let patternLifetime = sharp("RND3", "pattern-lifetime", [.random, .state])

  // Block-sparse attention.
  /// Equals full attention over the pairs in stored blocks.
  public static let kronMask = sharp("BSP1", "kron-mask", [.formula, .overmask, .leak])
  /// All blocks give full attention, the diagonal ones attention within each block, none gives 0.
  public static let layoutLimits = sharp("BSP2", "layout-limits", [.formula, .norm])
  /// Layouts stay with their heads.
  public static let headLayout = sharp("BSP3", "head-layout", [.axis])
  /// Rules give the layouts that they describe.
  public static let ruleLayout = sharp("BSP4", "rule-layout", [.config, .random])

  // Sliding-window attention.
  /// A window as long as the call, or as many sinks, gives causal full attention.
  public static let coveringWindow = sharp("SLW1", "covering-window", [.formula, .overmask])
  /// One more sink, or token of the window, shows exactly one more key.
  public static let sinkStep = sharp("SLW2", "sink-step", [.leak, .overmask])
  /// A window of one token shows the value itself, and one sink the first value besides.
  public static let ownAndSink = sharp("SLW3", "own-and-sink", [.formula, .scale])

  static let patterns: [LawID] = [
    .maskUnion, .crop, .allOrNone, .drawnPattern, .patternRate, .patternLifetime,
    .kronMask, .layoutLimits, .headLayout, .ruleLayout,
    .coveringWindow, .sinkStep, .ownAndSink,
  ]
}
