/// A JSON value that is written in the order in which it was made.
///
/// Foundation's encoder either sorts keys, which puts a report's totals after its thousand cells,
/// or leaves their order to chance.
indirect enum JSONText: Sendable {
  case null
  case boolean(Bool)
  case integer(Int)
  case unsigned(UInt64)
  case number(Double)
  case string(String)
  case array([JSONText])
  case object([(key: String, value: JSONText)])

  /// The value on one line. Numbers that JSON lacks become the strings `inf`, `-inf` and `nan`.
  var line: String {
    var text = ""
    append(to: &text)
    return text
  }

  private func append(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .unsigned(let value): text += String(value)
    case .number(let value):
      if value.isFinite { text += "\(value)" } else { text += Self.quoted(Self.name(of: value)) }
    case .string(let value): text += Self.quoted(value)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += ", " }
        value.append(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += ", " }
        text += Self.quoted(member.key) + ": "
        member.value.append(to: &text)
      }
      text += "}"
    }
  }

  /// How a number that JSON lacks is spelled; the decoder is told the same words.
  static func name(of value: Double) -> String {
    value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
  }

  private static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

extension JSONText {
  static func optional(_ value: String?) -> JSONText { value.map { .string($0) } ?? .null }

  static func sorted<Value>(
    _ values: [String: Value], _ make: (Value) -> JSONText
  ) -> JSONText {
    .object(values.sorted { $0.key < $1.key }.map { (key: $0.key, value: make($0.value)) })
  }
}
