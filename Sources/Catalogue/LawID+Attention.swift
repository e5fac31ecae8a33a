extension LawID {
  /// No output depends on a later position.
  public static let causality = LawID(
    "A01", "causality", kinds: [.attention, .multihead], .causality, tags: [.leak, .dispatch])
  /// Each output depends on exactly the keys it may see.
  public static let receptiveField = LawID(
    "A02", "receptive-field", kinds: [.attention], .causality, tags: [.leak, .overmask])
  /// What is masked may hold anything.
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

  static let attention: [LawID] = [
    .causality, .receptiveField, .maskedContentIrrelevance, .emptyRow, .keyValuePermutation,
    .permutationEquivariance, .shiftStability,
  ]
}
