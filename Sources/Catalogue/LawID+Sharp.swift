extension LawID {
  static func sharp(_ code: String, _ name: String, _ tags: [LawTag]) -> LawID {
    LawID(code, name, kinds: [.attention], .sharp, tags: tags + [.sharp])
  }

  // The definition of softmax attention.
  /// A finite additive bias enters the logits unscaled.
  public static let additiveBias = sharp("A10", "additive-bias", [.scale, .mask])
  /// The logit scale is one over the square root of the head width.
  public static let scaleLaw = sharp("A17", "scale-law", [.scale])
  /// A query of zeros gives the mean of the allowed values.
  public static let zeroQuery = sharp("A18", "zero-query", [.norm, .axis])
  /// A strong match returns its value.
  public static let retrievalLimit = sharp("A19", "retrieval-limit", [.axis])

  // Local attention.
  /// Equals full attention with the band as its mask.
  public static let bandedMask = sharp("LOC1", "banded-mask", [.formula, .overmask, .leak])
  /// A window over everything is full attention.
  public static let wideWindow = sharp("LOC2", "wide-window", [.formula])
  /// A window of one token returns the value.
  public static let windowOne = sharp("LOC3", "window-one", [.leak])
  /// A window two tokens wider sees two more keys, at its edges.
  public static let windowStep = sharp("LOC4", "window-step", [.leak, .overmask])

  // Linformer.
  /// Identity projections give full attention.
  public static let identityProjection = sharp("LIN1", "identity-projection", [.formula])
  /// One projected slot makes queries irrelevant.
  public static let rankOne = sharp("LIN2", "rank-one", [.formula])
  /// A shorter input uses the first columns of the projections.
  public static let prefixProjection = sharp("LIN3", "prefix-projection", [.axis, .mask])
  /// Keys and values each have their own projection.
  public static let projectionRoles = sharp("LIN4", "projection-roles", [.formula, .axis])

  // Nyström.
  /// As many landmarks as keys give full attention.
  public static let densePath = sharp("NYS1", "dense-path", [.dispatch, .formula, .mask])
  /// Tokens constant on segments are approximated exactly.
  public static let segmentExact = sharp("NYS2", "segment-exact", [.formula])
  /// One step of the inverse follows its recurrence.
  public static let pinvRecurrence = sharp("NYS3", "pinv-recurrence", [.formula])
  /// The inverse converges at the rate of its recurrence.
  public static let pinvConverges = sharp("NYS4", "pinv-converges", [.formula])
  /// Landmarks are means of the real tokens of their segments.
  public static let landmarkSegments = sharp("NYS5", "landmark-segments", [.formula, .mask])
  /// Constant values stay constant.
  public static let rowSum = sharp("NYS6", "row-sum", [.norm])
  /// The skip adds a convolution of the values.
  public static let skipAdditivity = sharp("NYS7", "skip-additivity", [.formula, .mask])
  /// Padding that fills whole segments equals a shorter input.
  public static let paddingTruncation = sharp("NYS8", "padding-truncation", [.leak, .mask])

  static let sharp: [LawID] =
    [
      .additiveBias, .scaleLaw, .zeroQuery, .retrievalLimit,
      .bandedMask, .wideWindow, .windowOne, .windowStep,
    ] + patterns + [
      .identityProjection, .rankOne, .prefixProjection, .projectionRoles,
      .densePath, .segmentExact, .pinvRecurrence, .pinvConverges, .landmarkSegments, .rowSum,
      .skipAdditivity, .paddingTruncation,
    ]

  /// Every law of the zoo, in the order of its reports.
  public static let all: [LawID] =
    universal + attention + sharp + kernels + mixers + feedforward + positions + multihead
    + normalization + residual + reversible + model + embedding
}
