extension IntegerDomain {
  /// Any value, each as often as the others.
  func drawEvenly(_ random: inout RandomStream) -> Int64 {
    range.lowerBound &+ Int64(bitPattern: random.upTo(lastIndex))
  }

  /// Values that find mistakes: small ones, ends of the range, powers of two, and earlier values
  /// of the same input, without which equalities on wide ranges are never met.
  func drawBiased(_ random: inout RandomStream, earlier: [Int64], size: Int) -> Int64 {
    let percent = random.upTo(99)
    if percent < 10, let value = repeated(earlier, &random) { return value }
    guard lastIndex > 8 else { return drawEvenly(&random) }
    switch percent {
    case 10..<30:
      return value(at: random.upTo(lastSmallIndex))
    case 30..<40:
      let ends = [
        range.lowerBound, range.lowerBound + 1, range.upperBound - 1, range.upperBound,
      ]
      return ends[Int(random.upTo(3))]
    case 40..<50:
      let isUnsigned = zero != 0
      let largest =
        isUnsigned
        ? UInt64(bitPattern: range.upperBound &- zero)
        : max(range.lowerBound.magnitude, range.upperBound.magnitude)
      let bits = min(isUnsigned ? 63 : 62, UInt64(64 - largest.leadingZeroBitCount))
      let power = Int64(bitPattern: 1 << random.upTo(bits))
      let near = power &+ Int64(random.upTo(2)) &- 1
      let value = isUnsigned || random.chance(0.5) ? near &+ zero : -near
      return range.contains(value) ? value : drawEvenly(&random)
    default:
      guard size < 100 else { return drawEvenly(&random) }
      // Grows geometrically, so that the first inputs are readable.
      let bits = Double(64 - lastIndex.leadingZeroBitCount)
      let limit = UInt64(1) << UInt64(min(62, 3 + bits * Double(size) / 100))
      return value(at: random.upTo(min(lastIndex, limit)))
    }
  }

  /// The last position of a value at most 16 from the simplest.
  private var lastSmallIndex: UInt64 {
    let (above, below) = (
      toward.addingReportingOverflow(16), toward.subtractingReportingOverflow(16)
    )
    let ends = [above, below].filter { !$0.overflow }.map { index(of: clamp($0.partialValue)) }
    return ends.max() ?? min(lastIndex, 16)
  }

  private func repeated(_ earlier: [Int64], _ random: inout RandomStream) -> Int64? {
    guard !earlier.isEmpty else { return nil }
    let value = earlier[Int(random.upTo(UInt64(earlier.count - 1)))] &+ zero
    // Half of the time the value itself, else 1 … 4 beside it.
    let offset = random.chance(0.5) ? 0 : Int64(random.upTo(3)) + 1
    let near = random.chance(0.5) ? value &+ offset : value &- offset
    return range.contains(near) ? near : range.contains(value) ? value : nil
  }
}

extension DoubleDomain {
  /// Like integers: small, extreme, power of two and earlier values besides plain ones.
  func draw(_ random: inout RandomStream, earlier: [Int64]) -> Double {
    let candidate = candidate(&random, earlier: earlier)
    return allows(candidate) ? nearest(to: candidate) : plain(&random)
  }

  private func candidate(_ random: inout RandomStream, earlier: [Int64]) -> Double {
    let sign: Double = random.chance(0.5) ? 1 : -1
    switch random.upTo(99) {
    case 0..<5:
      if specials.contains(.nan), random.chance(0.5) { return .nan }
      return specials.contains(.infinity) ? sign * .infinity : plain(&random)
    case 5..<25: return sign * Double(random.upTo(16))
    case 25..<35:
      let ends = [
        range.lowerBound, range.lowerBound.nextUp, range.upperBound.nextDown, range.upperBound,
      ]
      return ends[Int(random.upTo(3))]
    case 35..<45:
      return sign * Double(sign: .plus, exponent: Int(random.upTo(128)) - 64, significand: 1)
    case 45..<55 where !earlier.isEmpty:
      return Double(earlier[Int(random.upTo(UInt64(earlier.count - 1)))])
    case 55..<65: return Double(bitPattern: random.next())
    default: return plain(&random)
    }
  }

  /// Even over the range, or, where draws from it all would be huge, over what lies near 0.
  private func plain(_ random: inout RandomStream) -> Double {
    let largest = Double.greatestFiniteMagnitude
    var (low, high) = (max(range.lowerBound, -largest), min(range.upperBound, largest))
    if high / 2 - low / 2 > 1e6, low <= 1e6, high >= -1e6 {
      (low, high) = (max(low, -1e6), min(high, 1e6))
    }
    let share = random.fraction()
    return min(max(low * (1 - share) + high * share, low), high)
  }
}
