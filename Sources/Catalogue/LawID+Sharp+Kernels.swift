extension LawID {
  // Lambda layers.
  /// Keys softmaxed over positions, and relative positions, mix the values.
  public static let lambdaDefinition = sharp("LAM1", "lambda-definition", [.formula])
  /// The output is linear in queries and in values.
  public static let queryLinear = sharp("LAM2", "query-linear", [.formula])
  /// One vector added to all keys changes nothing.
  public static let keyShift = sharp("LAM3", "key-shift", [.norm])
  /// Only the distance of two tokens counts, and a shorter input uses the table's middle.
  public static let relativeShift = sharp("LAM4", "relative-shift", [.axis])

  static let kernels: [LawID] = [.lambdaDefinition, .queryLinear, .keyShift, .relativeShift]
}
