extension LawID {
  private static func residual(_ code: String, _ name: String, _ tags: [LawTag]) -> LawID {
    LawID(code, name, kinds: [.residual], .sharp, tags: tags + [.sharp])
  }

  // R01, the definition, is U02; R04, the coefficients of deep models, too.
  /// Without a sublayer, the input or its normalization remains.
  public static let zeroSublayer = residual("R02", "zero-sublayer", [.formula, .norm])
  /// Which inputs of a sublayer are normalized.
  public static let normalizedInputs = residual("R03", "normalized-inputs", [.norm, .dispatch])
  /// Without a scale, or with all dropped, a sublayer has no effect.
  public static let noBranch = residual("R10", "no-branch", [.formula, .dropout])
  /// Training drops what a sublayer gives for whole items.
  public static let droppedItems = residual("R11", "dropped-items", [.dropout, .statistical])
  /// The rates of a model's layers grow in equal steps.
  public static let depthRule = residual("R12", "depth-rule", [.formula, .dropout])

  static let residual: [LawID] = [
    .zeroSublayer, .normalizedInputs, .noBranch, .droppedItems, .depthRule,
  ]
}
