extension LawID {
  private static func model(
    _ code: String, _ name: String, _ tags: [LawTag], _ family: Family = .sharp
  ) -> LawID {
    LawID(code, name, kinds: [.model], family, tags: tags + [.sharp])
  }

  // B01, the definition of blocks, B05, the order of blocks, and B07, the reversible stack, are U02;
  // that layers share no parameters follows from the laws of states.
  /// Without sublayers, the stem and what follows the last layer remain.
  public static let zeroedBranches = model("B02", "zeroed-branches", [.formula, .norm])
  /// A model of causal attentions is causal.
  public static let causalStack = model("B03", "causal-stack", [.leak])
  /// What belongs in one layer of a model is in that one.
  public static let layerPosition = model("B04", "layer-position", [.config, .norm, .state])
  /// A model is what its parts give, composed by hand.
  public static let configEqualsCode = model("B06", "config-equals-code", [.config, .dispatch])
  /// Deepnorm counts the layers of the whole model.
  public static let deepnormStack = model("B08", "deepnorm-stack", [.scale, .random, .statistical])
  /// Initial values are those of the scheme.
  public static let weightInit = model("B09", "weight-init", [.random, .statistical])
  /// Tied tables are one.
  public static let tiedEmbeddings = model("B10", "tied-embeddings", [.state, .config])
  /// A mask of tokens is key padding.
  public static let inputMask = model("B11", "input-mask", [.leak, .overmask, .dispatch, .mask])
  /// Outputs of a decoder depend on all of the memory.
  public static let memoryUse = model("B12", "memory-use", [.overmask, .dispatch])
  /// Only positions of another width are projected.
  public static let embeddingWidth = model("B13", "embedding-width", [.config])
  /// Training drops what the parts drop, at their rates.
  public static let modelDropout = model("B14", "model-dropout", [.dropout, .config])

  static let model: [LawID] = [
    .zeroedBranches, .causalStack, .layerPosition, .configEqualsCode, .deepnormStack, .weightInit,
    .tiedEmbeddings, .inputMask, .memoryUse, .embeddingWidth, .modelDropout,
  ]
}
