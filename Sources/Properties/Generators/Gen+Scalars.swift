extension Gen where Value: FixedWidthInteger {
  /// Integers of a range, simplest nearest to `toward`.
  public static func int(
    _ range: ClosedRange<Value>, toward: Value = 0
  ) -> Self {
    let goal = min(max(toward, range.lowerBound), range.upperBound)
    guard let low = Int64(exactly: range.lowerBound), let high = Int64(exactly: range.upperBound)
    else {
      return Gen("int") { source throws(Rejected) in try source.wideInteger(range, toward: goal) }
    }
    let (bounds, near) = (low...high, Int64(goal))
    return Gen("int") { source throws(Rejected) in
      Value(truncatingIfNeeded: try source.integer(bounds, toward: near))
    }
  }

  /// All integers of a type, simplest nearest to 0.
  public static func int() -> Self { int(Value.min...Value.max) }
}

extension Source {
  /// Draws from a range beyond Int64: as one UInt64 if it fits, else as a distance from the simplest
  /// value: the side, the number of 64-bit words, and each word.
  fileprivate mutating func wideInteger<Value: FixedWidthInteger>(
    _ range: ClosedRange<Value>, toward: Value
  ) throws(Rejected) -> Value {
    if let low = UInt64(exactly: range.lowerBound), let high = UInt64(exactly: range.upperBound) {
      return Value(try unsigned(low...high, toward: UInt64(toward)))
    }
    let below = Value.Magnitude(truncatingIfNeeded: toward &- range.lowerBound)
    let above = Value.Magnitude(truncatingIfNeeded: range.upperBound &- toward)
    let isBelow = try boolean(below == 0 ? 0 : above == 0 ? 1 : 0.5)
    let furthest = isBelow ? below : above
    let words = (Value.bitWidth - furthest.leadingZeroBitCount + 63) / 64
    let count = Int(try integer(1...Int64(max(words, 1)), isBiased: false))
    var distance: Value.Magnitude = 0
    var isCapped = count == words
    for word in (0..<count).reversed() {
      let cap = isCapped ? UInt64(truncatingIfNeeded: furthest >> (64 * word)) : .max
      let digits = try unsigned(0...cap, toward: 0)
      isCapped = isCapped && digits == cap
      distance |= Value.Magnitude(digits) << (64 * word)
    }
    let offset = Value(truncatingIfNeeded: distance)
    return isBelow ? toward &- offset : toward &+ offset
  }

  private mutating func unsigned(
    _ range: ClosedRange<UInt64>, toward: UInt64
  ) throws(Rejected) -> UInt64 {
    let domain = IntegerDomain(unsigned: range, toward: toward)
    return UInt64(bitPattern: try integer(domain) &- domain.zero)
  }
}

extension Gen where Value == Int {
  /// All integers, simplest nearest to 0; where no other type is asked for.
  public static func int() -> Self { int(Int.min...Int.max) }
}

extension Gen where Value == Bool {
  /// Booleans, true with the given probability; false is simplest.
  public static func bool(
    _ probability: Double = 0.5, fileID: StaticString = #fileID, line: UInt = #line
  ) -> Self {
    Gen("bool") { source throws(Rejected) in
      try source.boolean(probability, fileID: fileID, line: line)
    }
  }
}

extension Gen where Value == Double {
  /// Doubles of a range and, if asked for, infinities and NaN; integers are simplest.
  public static func double(
    _ range: ClosedRange<Double> = -Double
      .greatestFiniteMagnitude...Double
      .greatestFiniteMagnitude,
    specials: DoubleSpecials = [], fileID: StaticString = #fileID, line: UInt = #line
  ) -> Self {
    Gen("double") { source throws(Rejected) in
      try source.double(range, specials: specials, fileID: fileID, line: line)
    }
  }
}

extension Gen {
  /// Always the same value; it takes no choice.
  public static func constant(_ value: Value) -> Self {
    Gen("constant") { _ throws(Rejected) in value }
  }

  /// One of some values, the first being the simplest.
  public static func element(
    of values: [Value], fileID: StaticString = #fileID, line: UInt = #line
  ) -> Self {
    let weights = [Double](repeating: 1, count: values.count)
    return Gen("element") { source throws(Rejected) in
      values[try source.alternative(weights, fileID: fileID, line: line)]
    }
  }

  /// A value of one of some generators, the first being the simplest.
  public static func oneOf(
    _ generators: [Self], fileID: StaticString = #fileID, line: UInt = #line
  ) -> Self {
    frequency(generators.map { (1, $0) }, fileID: fileID, line: line)
  }

  /// A value of one of some generators, the first being the simplest.
  public static func oneOf(
    _ generators: Self..., fileID: StaticString = #fileID, line: UInt = #line
  ) -> Self {
    oneOf(generators, fileID: fileID, line: line)
  }

  /// A value of one of some generators, drawn in proportion to their weights; the first with a
  /// weight above 0 is the simplest.
  public static func frequency(
    _ weighted: [(weight: Double, generator: Self)], fileID: StaticString = #fileID,
    line: UInt = #line
  ) -> Self {
    let weights = weighted.map(\.weight)
    let generators = weighted.map(\.generator)
    return Gen("oneOf") { source throws(Rejected) in
      try source.draw(generators[try source.alternative(weights, fileID: fileID, line: line)])
    }
  }

  /// One of an option's values, so that over a run all of them occur, and all pairs with values of
  /// other stratified options; the first is the simplest.
  public static func stratified(
    _ name: String, _ values: [Value], fileID: StaticString = #fileID, line: UInt = #line
  ) -> Self {
    let labels = values.map { String(describing: $0) }
    return Gen("stratified") { source throws(Rejected) in
      values[try source.stratum(name, values: labels, fileID: fileID, line: line)]
    }
  }
}
