extension JSON: CustomStringConvertible {
  /// The layout of a value as text.
  public enum Style: Sendable {
    /// On one line, keys in their order: `{"a": [1, 2.0]}`.
    case compact
    /// One member per line, indented by two spaces; flat arrays and objects stay on one line.
    case pretty
    /// Keys sorted by their UTF-8, no spaces, one form per value: equal values give equal text.
    ///
    /// A whole number that fits `Int` is written as an integer, any other number with the fewest
    /// digits that read back as the same double. So 4 and 4.0 are both `4`; negative zero is `-0.0`.
    case canonical
  }

  /// Writes the value as JSON; reading it gives an equal value.
  ///
  /// - Throws: `JSONError` if a number is infinite or NaN, which JSON cannot express.
  public func text(_ style: Style = .compact) throws(JSONError) -> String {
    var writer = JSONWriter(style: style)
    writer.write(self, indent: 0)
    if let value = writer.nonFinite {
      throw JSONError("JSON cannot express the number \(value)")
    }
    return writer.text
  }

  /// The compact text; a number that JSON cannot express is written as Swift prints it.
  public var description: String {
    var writer = JSONWriter(style: .compact)
    writer.write(self, indent: 0)
    return writer.text
  }
}

/// Builds the text of a value.
private struct JSONWriter {
  let style: JSON.Style
  var text = ""
  /// The first number that JSON cannot express.
  var nonFinite: Double?

  mutating func write(_ value: JSON, indent: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): write(value)
    case .string(let value): write(value)
    case .array(let elements):
      write("[", elements, "]", spread: elements.contains(where: \.isNested), indent) {
        $0.write($1, indent: $2)
      }
    case .object(let object):
      let keys =
        style == .canonical
        ? object.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } : object.keys
      write("{", keys, "}", spread: indent == 0 || object.contains { $0.value.isNested }, indent) {
        $0.write($1)
        $0.text += $0.style == .canonical ? ":" : ": "
        $0.write(object[$1] ?? .null, indent: $2)
      }
    }
  }

  private mutating func write<Element>(
    _ open: String, _ elements: [Element], _ close: String, spread: Bool, _ indent: Int,
    each: (inout JSONWriter, Element, Int) -> Void
  ) {
    let lines = style == .pretty && spread && !elements.isEmpty
    text += open
    for (position, element) in elements.enumerated() {
      if position > 0 { text += style == .canonical || lines ? "," : ", " }
      if lines { text += "\n" + String(repeating: "  ", count: indent + 1) }
      each(&self, element, indent + 1)
    }
    if lines { text += "\n" + String(repeating: "  ", count: indent) }
    text += close
  }

  private mutating func write(_ value: Double) {
    if !value.isFinite { nonFinite = nonFinite ?? value }
    if style == .canonical, let whole = JSON.wholeNumber(value) {
      text += String(whole)
    } else {
      // The shortest digits that read back as the same double, always with a point or an exponent.
      text += value.description
    }
  }

  private mutating func write(_ value: String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSON {
  /// Whether the value has members.
  fileprivate var isNested: Bool {
    switch self {
    case .array(let elements): !elements.isEmpty
    case .object(let object): !object.isEmpty
    default: false
    }
  }
}
