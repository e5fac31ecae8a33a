/// The numbers, other than tolerances, that the statements of laws name.
enum Threshold {
  /// The radius below which an iteration has converged in float64.
  static let convergedRadius = 1e-14
  /// The least difference of two products from which a logit scale can be measured.
  static let measurableProduct = 1e-3
  /// T6: how many standard deviations off a statistic may be, a false alarm in 1e9 cells.
  static let deviations = 6.11
  /// The largest condition times unit roundoff with which an inverse still has digits to compare.
  static let conditionedRoundoff = 1e-3
  /// A move of float64 numbers, relative to 1 + abs(x), that no derivative shows unless it jumps.
  static let minuteMove = 1e-13
  /// The largest condition number by which a law may multiply its tolerance and still prove something.
  static let invertible = 1e6
  /// By how many roundings of the largest number an elementary computation may be off and still have
  /// digits to compare.
  static let roundingsWithDigits = 64.0
  /// How far from 0 rounding may move a row without variance.
  static let constantRow = 0.1
  /// The variance below which samples count as all equal.
  static let noVariance = 1e-12
  /// How far products of orthonormal rows may be from 0 and 1 in double precision.
  static let orthonormal = 1e-9
  /// How far a measured exponent of memory may lie above the claimed one.
  static let memorySlope = 0.2
  /// The bytes that the allocator gives at least.
  static let smallestBlock = 24
  /// The least difference at which a choice among tokens can be judged.
  static let choiceGap = 1e-9
  /// T6: how many standard errors a statistic may be off. Beyond lie 2e-11 of a normal
  /// distribution, so that a cell of 48 tests gives a false alarm once in 1e9.
  static let standardErrors = 6.7
  /// The same for a cell of 1600 tests.
  static let manyDeviations = 7.2
  /// The same probability, for tests of statistics that are not normal.
  static let falseAlarm = 2e-11
  /// The range in which the quotient of two variances that should be equal may lie.
  static let varianceQuotient = 0.75...1.33
  /// The weight above which it shows whether a weight was dropped.
  static let visibleWeight = 1e-30
}
