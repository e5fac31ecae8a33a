internal import Foundation

/// A map of numbers to pixels, with round numbers between.
struct Scale {
  let start: Double
  let end: Double
  private(set) var ticks: [Double]
  private let low: Double
  private let high: Double
  private let isLogarithmic: Bool

  init(_ axis: Chart.Axis, _ values: [Double], from start: Double, to end: Double) {
    (self.start, self.end) = (start, end)
    isLogarithmic = axis.isLogarithmic
    let values = (axis.range ?? values).filter { $0.isFinite && ($0 > 0 || !axis.isLogarithmic) }
      .map { axis.isLogarithmic ? log10($0) : $0 }
    let (least, most) = (values.min() ?? 0, values.max() ?? 1)
    let span = most > least ? most - least : max(abs(most), 1)
    low = most > least ? least : least - span / 2
    high = most > least ? most : most + span / 2
    ticks = Self.round(low, high, isLogarithmic)
    if let own = axis.ticks { ticks = own.filter(shows) }
  }

  /// Some four round numbers; powers of ten if there are enough of them.
  private static func round(_ low: Double, _ high: Double, _ isLogarithmic: Bool) -> [Double] {
    func multiples(of step: Double) -> [Double] {
      let (first, last) = (Int((low / step).rounded(.up)), Int((high / step).rounded(.down)))
      return first <= last ? (first...last).map { Double($0) * step } : []
    }
    let rough = (high - low) / 4
    guard isLogarithmic else {
      let power = pow(10, floor(log10(rough)))
      return multiples(of: [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? rough)
    }
    let powers = multiples(of: max(1, rough.rounded()))
    if powers.count > 1 { return powers.map { pow(10, $0) } }
    let decades = Int(floor(low))...Int(floor(high))
    return decades.flatMap { decade in [1, 2, 5].map { $0 * pow(10, Double(decade)) } }
      .filter { (low...high).contains(log10($0)) }
  }

  /// Whether a number can be shown.
  func shows(_ value: Double) -> Bool {
    guard value.isFinite, value > 0 || !isLogarithmic else { return false }
    let position = isLogarithmic ? log10(value) : value
    return position >= low - 1e-9 && position <= high + 1e-9
  }

  func callAsFunction(_ value: Double) -> Double {
    start + ((isLogarithmic ? log10(value) : value) - low) / (high - low) * (end - start)
  }
}

/// A coordinate, exact enough for a picture.
func short(_ value: Double) -> String { String(format: "%.6g", value) }

/// A number along an axis.
func label(_ value: Double) -> String { String(format: "%.4g", value) }
