/// Everything that a definition needs for one call.
public struct OracleCall: Sendable {
  /// The options, with the keys of the part's JSON config.
  public var options: [String: OracleOption]
  /// The arguments of the call, including masks.
  public var inputs: [String: Values]
  /// The part's parameters.
  public var parameters: [String: Values]
  /// What the part drew at random, as it reports it.
  public var state: [String: Values]
  /// The definitions of other packages, for a definition that wraps one by name.
  public var others: [Oracle] = []
  /// The oracle that reads the call, for its errors; set by the oracle itself.
  var oracle = "?"

  /// Makes a call.
  public init(
    options: [String: OracleOption] = [:], inputs: [String: Values] = [:],
    parameters: [String: Values] = [:], state: [String: Values] = [:]
  ) {
    self.options = options
    self.inputs = inputs
    self.parameters = parameters
    self.state = state
  }
}

// MARK: - Options

extension OracleCall {
  /// A Boolean; throws `OracleError` if the option is something else.
  public func bool(_ key: String, default fallback: Bool) throws -> Bool {
    switch options[key] ?? .none {
    case .none: return fallback
    case .bool(let value): return value
    case let other: throw wrongOption(key, "true or false", other)
    }
  }

  /// A whole number, `4` and `4.0` alike, or nil if absent; throws `OracleError` otherwise.
  public func integerIfPresent(_ key: String) throws -> Int? {
    switch options[key] ?? .none {
    case .none: return nil
    case .integer(let value): return value
    case .number(let value):
      guard let whole = Int(exactly: value) else {
        throw wrongOption(key, "a whole number", .number(value))
      }
      return whole
    case let other: throw wrongOption(key, "a whole number", other)
    }
  }

  /// A whole number with a default; throws `OracleError` if the option is something else.
  public func integer(_ key: String, default fallback: Int) throws -> Int {
    try integerIfPresent(key) ?? fallback
  }

  /// A whole number; throws `OracleError` if the option is absent or something else.
  public func integer(_ key: String) throws -> Int {
    guard let value = try integerIfPresent(key) else {
      throw wrongOption(key, "a whole number", .none)
    }
    return value
  }

  /// A real number or nil if absent; throws `OracleError` if the option is something else.
  public func numberIfPresent(_ key: String) throws -> Double? {
    switch options[key] ?? .none {
    case .none: return nil
    case .integer(let value): return Double(value)
    case .number(let value): return value
    case let other: throw wrongOption(key, "a number", other)
    }
  }

  /// A word or nil if absent; throws `OracleError` if the option is something else.
  public func textIfPresent(_ key: String) throws -> String? {
    switch options[key] ?? .none {
    case .none: return nil
    case .text(let value): return value
    case let other: throw wrongOption(key, "a word", other)
    }
  }

  /// A group of options; throws `OracleError` if it is absent or something else.
  public func group(_ key: String) throws -> [String: OracleOption] {
    switch options[key] ?? .none {
    case .group(let value): return value
    case let other: throw wrongOption(key, "a group of options", other)
    }
  }

  /// Several values; throws `OracleError` if the option is absent or something else.
  public func list(_ key: String) throws -> [OracleOption] {
    switch options[key] ?? .none {
    case .list(let values): return values
    case let other: throw wrongOption(key, "a list", other)
    }
  }

  func wrongOption(_ key: String, _ expected: String, _ got: OracleOption) -> OracleError {
    OracleError(
      oracle: oracle, "option `\(key)`", expected: expected,
      got: got == .none ? "nothing" : got.description)
  }
}

// MARK: - Arrays

extension OracleCall {
  /// An input; throws `OracleError` if it is absent.
  public func input(_ key: String) throws -> Values {
    guard let value = inputs[key] else { throw missing("input `\(key)`", inputs) }
    return value
  }

  /// A parameter; throws `OracleError` if it is absent.
  public func parameter(_ key: String) throws -> Values {
    guard let value = parameters[key] else { throw missing("parameter `\(key)`", parameters) }
    return value
  }

  /// A random draw; throws `OracleError` if it is absent.
  public func drawn(_ key: String) throws -> Values {
    guard let value = state[key] else { throw missing("state `\(key)`", state) }
    return value
  }

  private func missing(_ subject: String, _ present: [String: Values]) -> OracleError {
    let given = present.keys.sorted().joined(separator: ", ")
    return OracleError(
      oracle: oracle, subject, expected: "an array",
      got: given.isEmpty ? "nothing" : "only \(given)")
  }
}

// MARK: - Checks

extension OracleCall {
  /// Throws `OracleError` unless a condition on the call holds.
  func require(
    _ condition: Bool, _ subject: String, _ expected: String, got: @autoclosure () -> String
  ) throws {
    guard condition else {
      throw OracleError(oracle: oracle, subject, expected: expected, got: got())
    }
  }

  /// Throws `OracleError` for a key that the definition does not read.
  ///
  /// An option that is null counts as absent. Definitions also list options that have no effect in
  /// evaluation, such as `dropout`.
  func allowOnly(
    options known: [String], inputs knownInputs: [String],
    parameters knownParameters: [String] = [], state knownState: [String] = []
  ) throws {
    let given = options.filter { $0.value != .none }.map(\.key)
    try allow(given, known, "option")
    try allow(Array(inputs.keys), knownInputs, "input")
    try allow(Array(parameters.keys), knownParameters, "parameter")
    try allow(Array(state.keys), knownState, "state")
  }

  private func allow(_ given: [String], _ known: [String], _ kind: String) throws {
    for key in given.sorted() where !known.contains(key) {
      throw OracleError(
        oracle: oracle, "\(kind) `\(key)`",
        expected: known.isEmpty
          ? "no \(kind)" : "one of " + known.sorted().joined(separator: ", "),
        got: "`\(key)`", nearest: nearestWord(to: key, among: known))
    }
  }
}
