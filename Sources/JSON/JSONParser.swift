extension JSON {
  /// The deepest nesting of arrays and objects that is read.
  public static let depthLimit = 128

  /// Reads a JSON text in UTF-8, as RFC 8259 defines it and nothing beyond.
  ///
  /// It is stricter than the standard in two ways: a key may not repeat in an object, and a number
  /// too large for `Double` is refused. A whole number beyond `Int` becomes a rounded `.number`.
  ///
  /// - Throws: `JSONError` with line and column, also for nesting beyond `depthLimit`.
  public init(parsing bytes: some Sequence<UInt8>) throws(JSONError) {
    var parser = JSONParser(bytes: Array(bytes))
    self = try parser.document()
  }

  /// Reads a JSON text.
  ///
  /// - Throws: `JSONError` with line and column.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: text.utf8)
  }
}

/// Parses the bytes of a JSON text, with one function for each rule of the grammar.
struct JSONParser {
  let bytes: [UInt8]
  private var offset = 0
  private var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw error("the text starts with a byte order mark, which JSON does not allow")
    }
    skipSpace()
    let value = try value()
    skipSpace()
    if offset < bytes.count {
      throw error("expected the end of the text after its value, got \(found)")
    }
    return value
  }

  private mutating func value() throws(JSONError) -> JSON {
    switch peek {
    case UInt8(ascii: "{"): return .object(try nested { (p) throws(JSONError) in try p.object() })
    case UInt8(ascii: "["): return .array(try nested { (p) throws(JSONError) in try p.array() })
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"): return try number()
    case let byte? where byte.isDigit: return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw error("expected a value, got \(found)")
    }
  }

  /// Runs a rule one level deeper, within a limit, so a hostile text cannot exhaust the stack.
  private mutating func nested<Value>(
    _ rule: (inout JSONParser) throws(JSONError) -> Value
  ) throws(JSONError) -> Value {
    guard depth < JSON.depthLimit else {
      throw error("arrays and objects are nested more than \(JSON.depthLimit) deep")
    }
    depth += 1
    defer { depth -= 1 }
    return try rule(&self)
  }

  private mutating func object() throws(JSONError) -> JSONObject {
    var result = JSONObject()
    offset += 1
    skipSpace()
    if take("}") { return result }
    while true {
      guard peek == UInt8(ascii: "\"") else {
        throw error("expected a key in double quotes, got \(found)")
      }
      let start = offset
      let key = try string()
      if result[key] != nil {
        throw error("the key \(JSON.string(key)) is repeated", at: start)
      }
      skipSpace()
      guard take(":") else { throw error("expected ':' after a key, got \(found)") }
      skipSpace()
      result[key] = try value()
      skipSpace()
      if take("}") { return result }
      guard take(",") else { throw error("expected ',' or '}' in an object, got \(found)") }
      skipSpace()
    }
  }

  private mutating func array() throws(JSONError) -> [JSON] {
    var result: [JSON] = []
    offset += 1
    skipSpace()
    if take("]") { return result }
    while true {
      result.append(try value())
      skipSpace()
      if take("]") { return result }
      guard take(",") else { throw error("expected ',' or ']' in an array, got \(found)") }
      skipSpace()
    }
  }

  private mutating func word(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
    let start = offset
    while let byte = peek, byte.isLetterOrDigit { offset += 1 }
    guard bytes[start..<offset].elementsEqual(word.utf8) else {
      throw error(
        "expected a value, got '\(String(decoding: bytes[start..<offset], as: UTF8.self))'",
        at: start)
    }
    return value
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = offset
    let negative = take("-")
    let whole = offset
    try digits("a digit")
    if bytes[whole] == UInt8(ascii: "0"), offset - whole > 1 {
      throw error("a number may not have leading zeros", at: start)
    }
    var isWhole = true
    if take(".") {
      isWhole = false
      try digits("a digit after the point")
    }
    if take("e") || take("E") {
      isWhole = false
      _ = take("+") || take("-")
      try digits("a digit in the exponent")
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if let byte = peek, byte.isLetterOrDigit {
      throw error("expected the end of the number \(text), got \(found)")
    }
    // An integer cannot keep the sign of -0.
    if isWhole, let value = Int(text), !(negative && value == 0) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw error("the number \(text.prefix(40)) is too large for a double", at: start)
    }
    return .number(value)
  }

  private mutating func digits(_ expected: String) throws(JSONError) {
    let start = offset
    while let byte = peek, byte.isDigit { offset += 1 }
    if offset == start { throw error("expected \(expected), got \(found)") }
  }

  private mutating func string() throws(JSONError) -> String {
    let start = offset
    offset += 1
    var text: [UInt8] = []
    while let byte = peek {
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw error("the string is not valid UTF-8", at: start)
        }
        return string
      case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20:
        offset -= 1
        throw error("a control character in a string must be escaped, got \(found)")
      default: text.append(byte)
      }
    }
    throw error("the string is not terminated", at: start)
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let start = offset - 1
    guard let byte = peek else { throw error("the string is not terminated") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw error("JSON has no such escape", at: start)
    }
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // Characters beyond 16 bits are written as a high and a low surrogate.
    if (0xD800..<0xDC00).contains(first), take("\\"), take("u") {
      let second = try hexadecimal()
      if (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw error("half of a surrogate pair is missing", at: start)
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, byte.isLetterOrDigit,
        let digit = Character(Unicode.Scalar(byte)).hexDigitValue
      else {
        throw error("expected four hexadecimal digits after \\u, got \(found)")
      }
      offset += 1
      value = value << 4 + UInt32(digit)
    }
    return value
  }

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  /// What is at the current position, for messages.
  private var found: String {
    guard let byte = peek else { return "the end of the text" }
    return 0x20..<0x7F ~= byte
      ? "'\(Character(Unicode.Scalar(byte)))'" : "the byte 0x" + String(byte, radix: 16)
  }

  private func error(_ message: String, at place: Int? = nil) -> JSONError {
    let before = bytes[..<(place ?? offset)]
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    // UTF-8 continuation bytes are part of the character before them.
    let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
    return JSONError(message: message, position: .init(line: line, column: column))
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

  fileprivate var isLetterOrDigit: Bool {
    isDigit || UInt8(ascii: "a")...UInt8(ascii: "z") ~= self | 0x20
  }
}
