public import JSON

/// What a key of a configuration takes.
public indirect enum OptionType: Sendable, Equatable, CustomStringConvertible {
  /// True or false.
  case truth
  /// A whole number.
  case whole
  /// Any number.
  case number
  /// A string.
  case text
  /// One of these words.
  case words([String])
  /// A list of such values.
  case list(OptionType)
  /// A value that a type of this name reads.
  case other(String)
  /// Null, or a value of this type.
  case optional(OptionType)

  /// What a type reads.
  init<T>(_ type: T.Type) {
    switch type {
    case is Bool.Type: self = .truth
    case is any FixedWidthInteger.Type: self = .whole
    case is any BinaryFloatingPoint.Type: self = .number
    case is String.Type: self = .text
    case let list as any RangeReplaceableCollection.Type: self = .list(Self.element(list))
    case let enumeration as any CaseIterable.Type: self = .words(Self.words(enumeration))
    default: self = .other("\(type)")
    }
  }

  private static func element<C: RangeReplaceableCollection>(_ list: C.Type) -> OptionType {
    OptionType(C.Element.self)
  }

  private static func words<E: CaseIterable>(_ type: E.Type) -> [String] {
    type.allCases.map { ($0 as? any RawRepresentable).map { "\($0.rawValue)" } ?? "\($0)" }
  }

  /// Whether a value is of this type; nil if only the part knows.
  public func takes(_ json: JSON) -> Bool? {
    switch self {
    case .truth: json.bool != nil
    case .whole: json.int != nil
    case .number: json.double != nil
    case .text: json.string != nil
    case .words(let words): json.string.map(words.contains) ?? false
    case .list(let element): json.array.map { $0.allSatisfy { element.takes($0) ?? true } } ?? false
    case .other: nil
    case .optional(let inner): json.isNull ? true : inner.takes(json)
    }
  }

  /// The type in words, as in errors.
  public var description: String {
    switch self {
    case .truth: "true or false"
    case .whole: "an integer"
    case .number: "a number"
    case .text: "a string"
    case .words(let words): "one of \(words.joined(separator: ", "))"
    case .list: "an array"
    case .other(let name): name == "\(JSON.self)" ? "any value" : "a \(name)"
    case .optional(let inner): "\(inner) or null"
    }
  }
}
