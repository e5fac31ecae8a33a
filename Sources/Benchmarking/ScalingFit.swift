internal import Foundation

/// How the costs of one attention grow with the length: the least-squares slope of log cost over
/// log length, over all measured lengths.
public struct ScalingFit: Sendable {
  /// The registered name.
  public let part: String
  /// The exponent of the time of a forward and a backward pass.
  public let time: Double
  /// The exponent of the bytes held.
  public let bytes: Double

  /// Fits the rows of each part that has at least two lengths, in their order.
  public static func all(_ rows: [AttentionBenchmark.Row]) -> [ScalingFit] {
    var parts: [String] = []
    for row in rows where !parts.contains(row.part) { parts.append(row.part) }
    return parts.compactMap { part in
      let points = rows.filter { $0.part == part }.compactMap { row in
        (try? row.cost.get()).map { (length: row.length, cost: $0) }
      }
      guard Set(points.map(\.length)).count > 1 else { return nil }
      return ScalingFit(
        part: part, time: slope(points.map { ($0.length, $0.cost.forwardBackward) }),
        bytes: slope(points.map { ($0.length, Double($0.cost.peakBytes)) }))
    }
  }

  private static func slope(_ points: [(length: Int, cost: Double)]) -> Double {
    let x = points.map { log(Double($0.length)) }
    let y = points.map { log(max($0.cost, .leastNonzeroMagnitude)) }
    let (meanX, meanY) = (
      x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count)
    )
    let products = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    return products / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
  }
}
