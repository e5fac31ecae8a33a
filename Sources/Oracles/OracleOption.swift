/// The value of an option: a value of a part's JSON config.
public enum OracleOption: Sendable, Equatable {
  /// True or false.
  case bool(Bool)
  /// A whole number.
  case integer(Int)
  /// A real number.
  case number(Double)
  /// A word.
  case text(String)
  /// Several values in order.
  case list([OracleOption])
  /// Named values, for example the config of an inner attention.
  case group([String: OracleOption])
  /// JSON's null, which counts as an absent key.
  case none
}

extension OracleOption: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// A Boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }

  /// A real number.
  public init(floatLiteral value: Double) { self = .number(value) }

  /// A word.
  public init(stringLiteral value: String) { self = .text(value) }

  /// A list.
  public init(arrayLiteral elements: OracleOption...) { self = .list(elements) }

  /// A group; of two values under one key the last counts.
  public init(dictionaryLiteral elements: (String, OracleOption)...) {
    self = .group(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}

extension OracleOption: CustomStringConvertible {
  /// The value as in an error message.
  public var description: String {
    switch self {
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): "\"\(value)\""
    case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .group(let values): "{" + values.keys.sorted().joined(separator: ", ") + "}"
    case .none: "null"
    }
  }
}
