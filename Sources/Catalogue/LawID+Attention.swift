extension LawID {
  /// No output depends on a later position.
  public static let causality = LawID(
    "A01", "causality", kinds: [.attention, .multihead], .causality, tags: [.leak, .dispatch])
  /// Each output depends on exactly the keys it may see.
  public static let receptiveField = LawID(
    "A02", "receptive-field", kinds: [.attention], .causality, tags: [.leak, .overmask])
  /// Masked tokens may have any content.
  public static let maskedContentIrrelevance = LawID(
    "A05", "masked-content-irrelevance", kinds: [.attention, .multihead], .masks,
    tags: [.leak, .mask])
  /// A row without keys gives zero, and nothing becomes infinite.
  public static let emptyRow = LawID(
    "A07", "empty-row", kinds: [.attention, .multihead], .masks, tags: [.norm, .precision, .mask])
  /// Reordering keys with their values changes nothing.
  public static let keyValuePermutation = LawID(
    "A11", "key-value-permutation", kinds: [.attention, .multihead], .permutation, tags: [.axis])
  /// Reordering queries reorders outputs.
  public static let permutationEquivariance = LawID(
    "A12", "permutation-equivariance", kinds: [.attention, .multihead], .permutation,
    tags: [.axis])
  /// One vector added to every key changes nothing.
  public static let shiftStability = LawID(
    "A16", "shift-stability", kinds: [.attention], .stability, tags: [.norm])

  /// Causality with unequal lengths is refused.
  public static let causalAlignment = LawID(
    "A03", "causal-alignment", kinds: both, .causality, tags: [.leak, .error])
  /// Hidden keys have the same effect as absent ones.
  public static let keyPaddingErasure = LawID(
    "A04", "key-padding-erasure", kinds: both, .masks, tags: [.leak, .norm, .mask])
  /// NaN behind masks stays there.
  public static let nanIsolation = LawID(
    "A06", "nan-isolation", kinds: both, .masks, tags: [.leak, .mask])
  /// A mask has the same effect in every form.
  public static let maskKindEquality = LawID(
    "A08", "mask-kind-equality", kinds: both, .masks, tags: [.dispatch, .mask])
  /// Causality and a mask together allow what both allow.
  public static let maskComposition = LawID(
    "A09", "mask-composition", kinds: [.attention], .masks, tags: [.dispatch, .mask])
  /// Outputs lie in the convex hull of the visible values.
  public static let convexHull = LawID(
    "A13", "convex-hull", kinds: [.attention], .stability, tags: [.norm, .leak])
  /// Equal values come out unchanged.
  public static let constantValue = LawID(
    "A14", "constant-value", kinds: [.attention], .stability, tags: [.norm])
  /// The output is linear in the values.
  public static let valueLinearity = LawID(
    "A15", "value-linearity", kinds: [.attention], .precision, tags: [.formula])
  /// A large query changes no other output.
  public static let rowIndependence = LawID(
    "A20", "row-independence", kinds: both, .stability, tags: [.precision])
  /// Queries may be fewer or more than keys.
  public static let crossLength = LawID(
    "A21", "cross-length", kinds: both, .batching, tags: [.axis])
  /// Each head uses the mask of its item.
  public static let maskHeadOrder = LawID(
    "A22", "mask-head-order", kinds: [.attention], .masks, tags: [.axis, .mask])
  /// Values may be wider or narrower than keys.
  public static let valueWidth = LawID(
    "A23", "value-width", kinds: [.attention], .batching, tags: [.axis])
  /// One item serves a whole batch.
  public static let broadcastBatch = LawID(
    "A24", "broadcast-batch", kinds: both, .batching, tags: [.axis])
  /// Large logits stay finite and right.
  public static let logitExtremes = LawID(
    "A25", "logit-extremes", kinds: [.attention], .stability, tags: [.precision])
  /// Every length works or is refused.
  public static let sequenceRestriction = LawID(
    "A26", "sequence-restriction", kinds: both, .contract, tags: [.error])

  private static let both: [Kind] = [.attention, .multihead]

  static let attention: [LawID] = [
    .causality, .receptiveField, .causalAlignment, .keyPaddingErasure, .maskedContentIrrelevance,
    .nanIsolation, .emptyRow, .maskKindEquality, .maskComposition, .keyValuePermutation,
    .permutationEquivariance, .convexHull, .constantValue, .valueLinearity, .shiftStability,
    .rowIndependence, .crossLength, .maskHeadOrder, .valueWidth, .broadcastBatch, .logitExtremes,
    .sequenceRestriction,
  ]
}
