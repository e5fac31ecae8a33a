extension LawID {
  private static func position(_ code: String, _ name: String, _ tags: [LawTag]) -> LawID {
    LawID(code, name, kinds: [.positionEmbedding], .sharp, tags: tags + [.sharp])
  }

  /// Products of turned queries and keys depend on distances alone.
  public static let rotaryRelative = position("P09", "rotary-relative", [.formula, .axis])
  /// A token is turned by its position, whatever comes before and after it.
  public static let rotaryLengths = position("P10", "rotary-lengths", [.axis, .leak])
  /// Narrow types keep the phase at positions up to 131072.
  public static let positionPhase = position("P11", "position-phase", [.precision])

  static let positions: [LawID] = [.rotaryRelative, .rotaryLengths, .positionPhase]
}
