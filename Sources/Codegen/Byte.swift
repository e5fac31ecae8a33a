/// The bytes that the lexer compares with.
enum Byte {
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let tab = UInt8(ascii: "\t")
  static let slash = UInt8(ascii: "/")
  static let star = UInt8(ascii: "*")
  static let quote = UInt8(ascii: "\"")
  static let hash = UInt8(ascii: "#")
  static let backslash = UInt8(ascii: "\\")
  static let backtick = UInt8(ascii: "`")
  static let at = UInt8(ascii: "@")
  static let bang = UInt8(ascii: "!")
  static let dot = UInt8(ascii: ".")
  static let comma = UInt8(ascii: ",")
  static let less = UInt8(ascii: "<")
  static let greater = UInt8(ascii: ">")
  static let openParenthesis = UInt8(ascii: "(")
  static let closeParenthesis = UInt8(ascii: ")")
  static let openBracket = UInt8(ascii: "[")
  static let closeBracket = UInt8(ascii: "]")
  static let openBrace = UInt8(ascii: "{")
  static let closeBrace = UInt8(ascii: "}")
}

extension UInt8 {
  /// Whether it ends a line; a carriage return before a newline is part of the same line end.
  var isNewline: Bool { self == Byte.newline || self == Byte.carriageReturn }

  /// Whether Swift treats it as whitespace within a line.
  var isBlank: Bool {
    self == Byte.space || self == Byte.tab || self == 0x0B || self == 0x0C || self == 0
  }

  /// Whether it is an ASCII digit.
  var isDigit: Bool { UInt8(ascii: "0") <= self && self <= UInt8(ascii: "9") }

  /// Whether it is an ASCII letter.
  var isLetter: Bool { UInt8(ascii: "a") <= self | 0x20 && self | 0x20 <= UInt8(ascii: "z") }

  /// Whether an identifier or keyword may contain it.
  var isWord: Bool {
    isLetter || isDigit || self == UInt8(ascii: "_") || self == UInt8(ascii: "$") || self >= 0x80
  }
}
