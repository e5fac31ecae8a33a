extension LawID {
  /// Tokens are sums over the patches of an image of any sides.
  public static let patchSequence = LawID(
    "H08", "patch-sequence", kinds: [.patchEmbedding], .sharp,
    tags: [.axis, .formula, .leak, .sharp])
  /// Groups of channels are softmaxes of their own entries.
  public static let simplicial = LawID(
    "H09", "simplicial", kinds: [.simplicialEmbedding], .sharp, tags: [.norm, .formula, .sharp])

  /// Slopes are those of the paper, for any number of heads.
  public static let alibi = LawID(
    "H05", "alibi", kinds: [.attentionBias], .sharp, tags: [.formula, .state, .sharp])
  /// A bias depends on the distance of query and key alone.
  public static let biasDistance = LawID(
    "P12", "bias-distance", kinds: [.attentionBias], .sharp, tags: [.axis, .formula, .sharp])
  /// Distances share buckets as the paper says.
  public static let relativeBuckets = LawID(
    "P13", "relative-buckets", kinds: [.attentionBias], .sharp, tags: [.formula, .sharp])

  static let embedding: [LawID] = [
    .patchSequence, .simplicial, .alibi, .biasDistance, .relativeBuckets,
  ]
}
