extension Gen where Value: FixedWidthInteger {
  /// Integers of a range, simplest nearest to `toward`; the type's values must fit in Int64.
  public static func int(
    _ range: ClosedRange<Value>, toward: Value = 0
  ) -> Self {
    let bounds = wide(range.lowerBound)...wide(range.upperBound)
    let goal = wide(toward)
    return Gen("int") { source throws(Rejected) in
      Value(truncatingIfNeeded: try source.integer(bounds, toward: goal))
    }
  }

  /// All integers of a type, simplest nearest to 0.
  public static func int() -> Self { int(Value.min...Value.max) }

  private static func wide(_ value: Value) -> Int64 {
    guard let wide = Int64(exactly: value) else {
      preconditionFailure("Gen.int draws what fits in Int64; \(value) does not")
    }
    return wide
  }
}

extension Gen where Value == Int {
  /// All integers, simplest nearest to 0; where no other type is asked for.
  public static func int() -> Self { int(Int.min...Int.max) }
}

extension Gen where Value == Bool {
  /// Booleans, true with the given probability; false is simplest.
  public static func bool(_ probability: Double = 0.5) -> Self {
    Gen("bool") { source throws(Rejected) in try source.boolean(probability) }
  }
}

extension Gen where Value == Double {
  /// Doubles of a range and, if asked for, infinities and NaN; integers are simplest.
  public static func double(
    _ range: ClosedRange<Double> = -Double
      .greatestFiniteMagnitude...Double
      .greatestFiniteMagnitude,
    specials: DoubleSpecials = []
  ) -> Self {
    Gen("double") { source throws(Rejected) in try source.double(range, specials: specials) }
  }
}

extension Gen {
  /// Always the same value; it takes no choice.
  public static func constant(_ value: Value) -> Self {
    Gen("constant") { _ throws(Rejected) in value }
  }

  /// One of some values, the first being the simplest; there must be one.
  public static func element(of values: [Value]) -> Self {
    precondition(!values.isEmpty, "Gen.element needs a value to draw")
    let weights = [Double](repeating: 1, count: values.count)
    return Gen("element") { source throws(Rejected) in values[try source.alternative(weights)] }
  }

  /// A value of one of some generators, the first being the simplest.
  public static func oneOf(_ generators: [Self]) -> Self {
    frequency(generators.map { (1, $0) })
  }

  /// A value of one of some generators, the first being the simplest.
  public static func oneOf(_ generators: Self...) -> Self { oneOf(generators) }

  /// A value of one of some generators, drawn in proportion to their weights; the first is simplest.
  public static func frequency(_ weighted: [(weight: Double, generator: Self)]) -> Self {
    precondition(!weighted.isEmpty, "Gen.frequency needs a generator to draw from")
    let weights = weighted.map(\.weight)
    let generators = weighted.map(\.generator)
    return Gen("oneOf") { source throws(Rejected) in
      try source.draw(generators[try source.alternative(weights)])
    }
  }

  /// One of an option's values, such that in a run every value occurs, and with every value of
  /// every other stratified option; the first is the simplest.
  public static func stratified(_ name: String, _ values: [Value]) -> Self {
    precondition(!values.isEmpty, "option '\(name)' has no values")
    let labels = values.map { String(describing: $0) }
    return Gen("stratified") { source throws(Rejected) in
      values[try source.stratum(name, values: labels)]
    }
  }
}
