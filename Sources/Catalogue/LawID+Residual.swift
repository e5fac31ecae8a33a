extension LawID {
  private static func residual(_ code: String, _ name: String, _ tags: [LawTag]) -> LawID {
    LawID(code, name, kinds: [.residual], .sharp, tags: tags + [.sharp])
  }

  // R01, the definition, is U02; R04, the coefficients of deep models, too.
  /// Without a sublayer, the input or its normalization remains.
  public static let zeroSublayer = residual("R02", "zero-sublayer", [.formula, .norm])
  /// Which inputs of a sublayer are normalized.
  public static let normalizedInputs = residual("R03", "normalized-inputs", [.norm, .dispatch])

  static let residual: [LawID] = [.zeroSublayer, .normalizedInputs]
}
