internal import Foundation

/// How far observed counts are from what chance gives, in standard deviations of a normal number.
enum Deviation {
  /// Of a count among independent trials that each succeed with a probability.
  static func binomial(_ count: Int, of trials: Int, probability: Double) -> Double {
    let variance = Double(trials) * probability * (1 - probability)
    return (Double(count) - Double(trials) * probability) / variance.squareRoot()
  }

  /// Of several such counts together: the sum of squares of their deviations, by Wilson and
  /// Hilferty's cube root (1931).
  static func chiSquare(_ deviations: [Double]) -> Double {
    let degrees = Double(deviations.count)
    let sum = deviations.reduce(0) { $0 + $1 * $1 }
    let spread = 2 / (9 * degrees)
    return (cbrt(sum / degrees) - (1 - spread)) / spread.squareRoot()
  }
}
