internal import Foundation

/// Repeated measurements of one number.
public struct Sample: Sendable, Equatable {
  /// Half of the measurements are at most this.
  public let median: Double
  /// What lies between the first and the third quarter.
  public let interquartileRange: Double
  /// The number of measurements.
  public let count: Int

  /// Sums up measurements, at least one; quarters are interpolated linearly.
  public init(_ values: [Double]) {
    let sorted = values.sorted()
    func quantile(_ share: Double) -> Double {
      let position = share * Double(sorted.count - 1)
      let (low, rest) = (Int(position), position - position.rounded(.down))
      return sorted[low] + rest * (sorted[min(low + 1, sorted.count - 1)] - sorted[low])
    }
    median = quantile(0.5)
    interquartileRange = quantile(0.75) - quantile(0.25)
    count = sorted.count
  }

  /// Times calls after some that do not count, in milliseconds, until the time is over; at least and
  /// at most so many.
  static func milliseconds(
    warmups: Int, _ runs: ClosedRange<Int>, within limit: Duration, _ body: () throws -> Void
  ) rethrows -> Sample {
    for _ in 0..<warmups { try body() }
    let clock = ContinuousClock()
    let end = clock.now + limit
    var times: [Double] = []
    while times.count < runs.lowerBound || (times.count < runs.upperBound && clock.now < end) {
      times.append(try clock.measure(body) / .milliseconds(1))
    }
    return Sample(times)
  }
}

/// The exponent a of the law c·xᵃ that fits points best: the least-squares slope of log y over log x.
/// Nil unless two points with different x are positive.
public func fittedExponent(_ points: [(x: Double, y: Double)]) -> Double? {
  let logs = points.filter { $0.x > 0 && $0.y > 0 }.map { (x: log($0.x), y: log($0.y)) }
  guard Set(logs.map(\.x)).count > 1 else { return nil }
  let count = Double(logs.count)
  let x = logs.reduce(0) { $0 + $1.x } / count
  let y = logs.reduce(0) { $0 + $1.y } / count
  let products = logs.reduce(0) { $0 + ($1.x - x) * ($1.y - y) }
  return products / logs.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
}
