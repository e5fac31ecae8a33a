/// A JSON value that distinguishes whole numbers from others.
///
/// Numbers with the same value are equal however they are written: `4`, `4.0` and `4e0` have one
/// hash and one canonical text. Negative zero does not equal zero: as tensor entries they differ.
public enum JSON: Sendable {
  /// Nothing, written `null`.
  case null
  /// A truth value.
  case bool(Bool)
  /// A whole number written without fraction and exponent.
  case integer(Int)
  /// Any other number, and a whole one that does not fit into `Int`.
  case number(Double)
  /// A text.
  case string(String)
  /// A list of values.
  case array([JSON])
  /// A map from keys to values, in the order of its keys.
  case object(JSONObject)
}

extension JSON: Hashable {
  /// Compares numbers by value, and objects regardless of order.
  public static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b && a.sign == b.sign
    case (.integer(let a), .number(let b)), (.number(let b), .integer(let a)):
      wholeNumber(b) == a
    case (.string(let a), .string(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }

  /// Hashes the value; equal values have equal hashes.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(value)
    case .number(let value):
      if let whole = JSON.wholeNumber(value) {
        hasher.combine(whole)
      } else {
        hasher.combine(value)
      }
    case .string(let value): hasher.combine(value)
    case .array(let value): hasher.combine(value)
    case .object(let value): hasher.combine(value)
    }
  }

  /// A double as a whole number, unless it is negative zero, a fraction or too large.
  static func wholeNumber(_ value: Double) -> Int? {
    value == 0 && value.sign == .minus ? nil : Int(exactly: value)
  }
}

extension JSON {
  /// The whole number this is, even if written with a fraction or exponent, as in `4.0`.
  public var int: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The number this is; a whole number beyond 2⁵³ is rounded.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The truth value this is.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The text this is.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The list this is.
  public var array: [JSON]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The object this is.
  public var object: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }

  /// Whether this is `null`.
  public var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// The value of a key, if this is an object with that key.
  public subscript(key: String) -> JSON? { object?[key] }

  /// The element at a position, if this is a list that is long enough.
  public subscript(position: Int) -> JSON? {
    guard let array, array.indices.contains(position) else { return nil }
    return array[position]
  }

  /// What kind of value this is, for error messages: "a string", "an object".
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer: "a whole number"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// Makes `null`.
  public init(nilLiteral: ()) { self = .null }
  /// Makes a truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Makes a whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// Makes a number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// Makes a text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Makes a list.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// Makes an object; repeating a key is a programming error.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(JSONObject(elements))
  }
}
