/// A range of integers, ordered by the distance from the value it shrinks toward.
struct IntegerDomain: Hashable, Sendable {
  let range: ClosedRange<Int64>
  let toward: Int64
  /// What stands for 0: Int64.min where values of UInt64 are moved down by 2⁶³, which keeps order.
  let zero: Int64

  init(_ range: ClosedRange<Int64>, toward: Int64 = 0) {
    self.range = range
    self.toward = min(max(toward, range.lowerBound), range.upperBound)
    zero = 0
  }

  init(unsigned range: ClosedRange<UInt64>, toward: UInt64) {
    zero = .min
    self.range =
      Int64(bitPattern: range.lowerBound) &+ zero...Int64(bitPattern: range.upperBound) &+ zero
    self.toward = Int64(bitPattern: toward) &+ zero
  }

  /// A value as text.
  func text(_ value: Int64) -> String {
    zero == 0 ? "\(value)" : "\(UInt64(bitPattern: value &- zero))"
  }

  /// How many values lie above and below `toward`.
  private var above: UInt64 { range.upperBound.distance(from: toward) }
  private var below: UInt64 { toward.distance(from: range.lowerBound) }

  /// The number of values, less one.
  var lastIndex: UInt64 { range.upperBound.distance(from: range.lowerBound) }

  /// The position of a value in the order toward, +1, −1, +2, −2, …
  func index(of value: Int64) -> UInt64 {
    let distance = value >= toward ? value.distance(from: toward) : toward.distance(from: value)
    let both = min(above, below)
    guard distance <= both else { return both + distance }
    return value > toward ? 2 * distance - 1 : 2 * distance
  }

  /// The value at a position; the inverse of ``index(of:)``.
  func value(at index: UInt64) -> Int64 {
    let both = min(above, below)
    let isBoth = index <= 2 * both
    let distance = isBoth ? index / 2 + index % 2 : index - both
    let isAbove = isBoth ? index % 2 == 1 : above > below
    return isAbove
      ? toward &+ Int64(bitPattern: distance) : toward &- Int64(bitPattern: distance)
  }

  func clamp(_ value: Int64) -> Int64 {
    min(max(value, range.lowerBound), range.upperBound)
  }
}

extension Int64 {
  /// `self` − other for self ≥ other, which may exceed Int64.
  func distance(from other: Int64) -> UInt64 {
    UInt64(bitPattern: self) &- UInt64(bitPattern: other)
  }
}

/// Both booleans, or one that is forced.
struct BooleanDomain: Hashable, Sendable {
  let forced: Bool?

  var simplest: Bool { forced ?? false }
}
