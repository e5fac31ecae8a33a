extension LawID {
  private static func dispatch(
    _ code: String, _ name: String, _ family: Family, _ tags: [LawTag]
  ) -> LawID {
    LawID(code, name, kinds: [.multihead], family, tags: tags)
  }

  /// Equals the heads computed one by one from slices of the projected tokens.
  public static let perHeadLoop = dispatch(
    "M01", "per-head-loop", .batching, [.axis, .formula, .exact])
  /// The order of heads does not matter.
  public static let headPermutation = dispatch(
    "M02", "head-permutation", .permutation, [.axis])
  /// One head with identity projections is the bare attention.
  public static let identityDispatch = dispatch(
    "M03", "identity-dispatch", .batching, [.formula])
  /// An omitted key is the query, and an omitted value is the key.
  public static let selfDefault = dispatch("M04", "self-default", .contract, [.dispatch])
  /// A shared weight is one tensor, and its derivative is the sum of three.
  public static let sharedProjection = dispatch(
    "M05", "shared-projection", .gradients, [.state, .grad])
  /// Each flag adds its offset and nothing else.
  public static let biasTuple = dispatch("M06", "bias-tuple", .contract, [.config, .axis])
  /// The queries and keys of each head are rotated by position; values are not.
  public static let rotaryOnQueryKey = dispatch(
    "M07", "rotary-on-query-key", .batching, [.formula, .axis])
  /// Unused projections of the original are dropped from a checkpoint.
  public static let unusedProjections = dispatch(
    "M08", "unused-projections", .state, [.state, .dispatch])
  /// All heads of an item use its mask, and unsupported masks throw.
  public static let maskFold = dispatch("M09", "mask-fold", .masks, [.mask, .axis, .dispatch])
  /// Keys and values may be wider or narrower than tokens.
  public static let widthOptions = dispatch("M10", "width-options", .batching, [.config, .axis])
  /// With projections and in layers, no output depends on a later token.
  public static let moduleCausality = dispatch(
    "M11", "module-causality", .causality, [.leak, .dispatch])
  /// Only the output of the last projection is dropped.
  public static let residualDropout = dispatch(
    "M12", "residual-dropout", .dropout, [.dropout, .statistical])

  /// A bias in the configuration is a mask of each head.
  public static let biasMask = dispatch("M13", "bias-mask", .masks, [.mask, .axis, .config])
  /// Heads that share keys and values compute as if each had a copy.
  public static let sharedKeys = dispatch(
    "M14", "shared-keys", .batching, [.axis, .config, .grad])
  /// With normalized queries and keys, their size does not matter.
  public static let normalizedLogits = dispatch(
    "M15", "normalized-logits", .stability, [.norm, .config, .formula])
  /// With a bias and shared keys, heads go on from a cache.
  public static let cachedHeads = dispatch(
    "M16", "cached-heads", .causality, [.state, .axis, .config])

  static let multihead: [LawID] = [
    .perHeadLoop, .headPermutation, .identityDispatch, .selfDefault, .sharedProjection, .biasTuple,
    .rotaryOnQueryKey, .unusedProjections, .maskFold, .widthOptions, .moduleCausality,
    .residualDropout, .biasMask, .sharedKeys, .normalizedLogits, .cachedHeads,
  ]
}
