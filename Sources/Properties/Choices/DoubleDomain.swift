/// Doubles in a range, with the special values that are allowed besides.
struct DoubleDomain: Hashable, Sendable {
  let range: ClosedRange<Double>
  let specials: DoubleSpecials
  let simplest: Double

  init(_ range: ClosedRange<Double>, specials: DoubleSpecials = []) {
    self.range = range
    self.specials = specials
    simplest = DoubleOrder.simplest(in: range)
  }

  func allows(_ value: Double) -> Bool {
    if value.isNaN { return specials.contains(.nan) }
    if value.isInfinite { return specials.contains(.infinity) }
    return range.contains(value)
  }

  func nearest(to value: Double) -> Double {
    // There is one NaN: neither its sign nor its payload is a choice.
    if allows(value) { return value.isNaN ? .nan : value }
    if value.isNaN { return simplest }
    let inside = min(max(value, range.lowerBound), range.upperBound)
    return inside.isFinite ? inside : .greatestFiniteMagnitude * (inside < 0 ? -1 : 1)
  }
}

/// Values besides the numbers of a range that a double may take.
public struct DoubleSpecials: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt8

  /// A set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Positive and negative infinity.
  public static let infinity = Self(rawValue: 1)
  /// Not a number.
  public static let nan = Self(rawValue: 2)
  /// All of them.
  public static let all: Self = [.infinity, .nan]
}

/// How simple a double looks to a reader: 0, 1, 2, … then 0.5, … then infinity, NaN; sign last.
enum DoubleOrder {
  /// A key that compares as the order does.
  struct Key: Hashable, Comparable {
    let high: UInt64
    let low: UInt64

    static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }
  }

  private static let sign: UInt64 = 1 << 63
  private static let infinity: UInt64 = 1 << 62
  private static let fractional: UInt64 = 1 << 61
  private static let exact: Double = 0x1p53

  /// The key of a value.
  ///
  /// Integers: their value, beyond 2⁵³ counted on by bit pattern. Others: the integer part, then
  /// the number of binary places, then the fraction's bits reversed, so that few places come first.
  static func key(_ value: Double) -> Key {
    let negative = value.sign == .minus ? sign : 0
    let size = value.magnitude
    if value.isNaN { return Key(high: negative | infinity, low: 1) }
    if value.isInfinite { return Key(high: negative | infinity, low: 0) }
    if size == size.rounded(.towardZero) {
      return Key(high: negative, low: index(size))
    }
    let whole = UInt64(size)
    let fraction = size - Double(whole)
    // fraction = odd · 2^(−places), exactly.
    let bits = fraction.significandBitPattern
    let stored = fraction.isNormal ? bits | 1 << 52 : bits
    let zeros = stored.trailingZeroBitCount
    let odd = stored >> UInt64(zeros)
    let places = 52 - (fraction.isNormal ? Int(fraction.exponent) : -1022) - zeros
    let high = negative | fractional | whole << 8 | UInt64(places) >> 3
    return Key(high: high, low: (UInt64(places) & 7) << 61 | odd.reversedBits >> 11)
  }

  /// The position of a whole number that is not negative among its like.
  static func index(_ whole: Double) -> UInt64 {
    whole < exact ? UInt64(whole) : UInt64(exact) + (whole.bitPattern - exact.bitPattern)
  }

  /// The whole number at a position; the inverse of ``index(_:)``.
  static func whole(at index: UInt64) -> Double {
    index < UInt64(exact)
      ? Double(index) : Double(bitPattern: exact.bitPattern + (index - UInt64(exact)))
  }

  /// The simplest number of a range.
  static func simplest(in range: ClosedRange<Double>) -> Double {
    if range.contains(0) { return 0 }
    let near = range.lowerBound > 0 ? range.lowerBound : -range.upperBound
    let far = range.lowerBound > 0 ? range.upperBound : -range.lowerBound
    let sign: Double = range.lowerBound > 0 ? 1 : -1
    if near.rounded(.up) <= far { return sign * near.rounded(.up) }
    // No integer inside: the fewest binary places that fit.
    var step = 0.5
    while step > 0 {
      let candidate = (near / step).rounded(.up) * step
      if candidate >= near, candidate <= far { return sign * candidate }
      step /= 2
    }
    return sign * near
  }
}

extension UInt64 {
  /// The bits in reverse order.
  var reversedBits: UInt64 {
    var value = self
    value = (value >> 1) & 0x5555_5555_5555_5555 | (value & 0x5555_5555_5555_5555) << 1
    value = (value >> 2) & 0x3333_3333_3333_3333 | (value & 0x3333_3333_3333_3333) << 2
    value = (value >> 4) & 0x0F0F_0F0F_0F0F_0F0F | (value & 0x0F0F_0F0F_0F0F_0F0F) << 4
    return value.byteSwapped
  }
}
