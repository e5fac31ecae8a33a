extension LawID {
  /// Tokens are sums over the patches of an image of any sides.
  public static let patchSequence = LawID(
    "H08", "patch-sequence", kinds: [.patchEmbedding], .sharp,
    tags: [.axis, .formula, .leak, .sharp])
  /// Groups of channels are softmaxes of their own entries.
  public static let simplicial = LawID(
    "H09", "simplicial", kinds: [.simplicialEmbedding], .sharp, tags: [.norm, .formula, .sharp])

  static let embedding: [LawID] = [.patchSequence, .simplicial]
}
