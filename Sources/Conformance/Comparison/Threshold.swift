/// The numbers, other than tolerances, that the statements of laws name.
enum Threshold {
  /// The radius below which an iteration has converged in float64.
  static let convergedRadius = 1e-14
  /// The least difference of two products from which a logit scale can be measured.
  static let measurableProduct = 1e-3
  /// The standard deviations that chance exceeds once in a billion times.
  static let improbable = 6.11
  /// The largest condition times unit roundoff with which an inverse still has digits to compare.
  static let conditionedRoundoff = 1e-3
}
