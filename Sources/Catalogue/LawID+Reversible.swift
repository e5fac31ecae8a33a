extension LawID {
  private static func reversible(
    _ code: String, _ name: String, _ tags: [LawTag], _ family: Family = .sharp
  ) -> LawID {
    LawID(code, name, kinds: [.reversible], family, tags: tags + [.sharp])
  }

  /// Each block adds its first sublayer of the second half to the first half, then its second of that.
  public static let reversibleDefinition = reversible(
    "V01", "reversible-definition", [.formula, .axis])
  /// The inverse gives the input back.
  public static let reversibleInverse = reversible("V02", "reversible-inverse", [.formula])
  /// Derivatives are those of the blocks one after the other.
  public static let reversibleGradient = reversible(
    "V03", "reversible-gradient", [.grad, .gradient])
  /// The backward pass drops what the forward pass dropped and leaves no trace in later draws.
  public static let reversibleDropout = reversible(
    "V04", "reversible-dropout", [.dropout, .state, .random, .gradient])
  /// Each sublayer of code gets its half, in the order of blocks.
  public static let reversibleRouting = reversible(
    "V05", "reversible-routing", [.dispatch, .axis, .gradient])
  /// What is kept for the backward pass does not grow with the number of blocks.
  public static let reversibleMemory = reversible("V06", "reversible-memory", [.cost], .cost)

  static let reversible: [LawID] = [
    .reversibleDefinition, .reversibleInverse, .reversibleGradient, .reversibleDropout,
    .reversibleRouting, .reversibleMemory,
  ]
}
