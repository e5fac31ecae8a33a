extension LawID {
  private static func normalization(
    _ code: String, _ name: String, _ family: Family, _ tags: [LawTag]
  ) -> LawID {
    LawID(code, name, kinds: [.normalization], family, tags: tags + [.sharp])
  }

  // R08, that other tokens change nothing, is F01.
  /// Each token gets the mean and the mean square of its definition, then the scale and offset.
  public static let normMoments = normalization("R05", "norm-moments", .sharp, [.formula, .norm])
  /// ε is added to the mean square, under the root.
  public static let normEpsilon = normalization("R06", "norm-epsilon", .sharp, [.formula])
  /// A large mean costs no more digits than it must.
  public static let normConditioning = normalization(
    "R07", "norm-conditioning", .precision, [.precision])
  /// Derivatives vanish in the directions that normalizing removes.
  public static let normGradient = normalization(
    "R09", "norm-gradient", .gradients, [.grad, .gradient])

  static let normalization: [LawID] = [
    .normMoments, .normEpsilon, .normConditioning, .normGradient,
  ]
}
