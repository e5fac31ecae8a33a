/// Splits Swift source into tokens, in one pass and in time proportional to its length.
///
/// Malformed input may be split in any way, since the compiler rejects it; only the time matters.
struct Lexer {
  let bytes: [UInt8]
  var position = 0
  private(set) var line = 1
  private var lineStart = 0
  private var isFirstOnLine = true
  private var previous: Token?
  /// Where the last search for the end of a raw string on its line stopped, and whether it found
  /// one, by number signs; keeps searches from adding up.
  var lineSearches: [Int: (end: Int, isFound: Bool)] = [:]

  /// Starts after the byte-order mark or interpreter line, if there is one.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    if peek() == Byte.hash, peek(1) == Byte.bang { skipLine() }
  }

  /// The byte at this distance from the position; zero past the end.
  func peek(_ distance: Int = 0) -> UInt8 {
    position + distance < bytes.count ? bytes[position + distance] : 0
  }

  /// Whether the position is at the end of the input.
  var isAtEnd: Bool { position >= bytes.count }

  /// The next token, or `nil` at the end.
  mutating func next() -> Token? {
    skipBlanks()
    if isAtEnd { return nil }
    let (start, startLine, column) = (position, line, position - lineStart + 1)
    let kind = skipToken()
    let token = Token(
      kind: kind, range: start..<position, line: startLine, column: column, lastLine: line,
      isFirstOnLine: isFirstOnLine)
    isFirstOnLine = false
    if !token.isComment { previous = token }
    return token
  }

  /// Skips the end of a line, which must be at the position.
  mutating func skipNewline() {
    position += peek() == Byte.carriageReturn && peek(1) == Byte.newline ? 2 : 1
    line += 1
    lineStart = position
  }

  /// Skips the rest of the line.
  mutating func skipLine() {
    while !isAtEnd, !peek().isNewline { position += 1 }
  }

  private mutating func skipBlanks() {
    while !isAtEnd {
      if peek().isNewline {
        skipNewline()
        isFirstOnLine = true
      } else if peek().isBlank {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func skipToken() -> Token.Kind {
    switch peek() {
    case Byte.slash where peek(1) == Byte.slash:
      skipLine()
      return .lineComment
    case Byte.slash where peek(1) == Byte.star:
      skipBlockComment()
      return .blockComment
    case Byte.slash where mayBeginRegex && skipBareRegex():
      return .literal
    case Byte.quote:
      skipString(hashes: 0)
      return .literal
    case Byte.hash:
      return skipAfterHash()
    case Byte.backtick where skipEscapedWord():
      return .word
    case let byte where byte.isDigit:
      skipNumber()
      return .literal
    case let byte where byte.isWord:
      skipWord()
      return .word
    default:
      position += 1
      return .symbol
    }
  }

  private mutating func skipWord() {
    while peek().isWord { position += 1 }
  }

  private mutating func skipNumber() {
    repeat { position += 1 } while peek().isWord || (peek() == Byte.dot && peek(1).isDigit)
  }

  private mutating func skipEscapedWord() -> Bool {
    var end = position + 1
    while end < bytes.count, bytes[end] != Byte.backtick, !bytes[end].isNewline { end += 1 }
    guard end < bytes.count, bytes[end] == Byte.backtick, end > position + 1 else { return false }
    position = end + 1
    return true
  }

  private mutating func skipAfterHash() -> Token.Kind {
    var hashes = 1
    while peek(hashes) == Byte.hash { hashes += 1 }
    switch peek(hashes) {
    case Byte.quote:
      position += hashes
      skipString(hashes: hashes)
      return .literal
    case Byte.slash:
      position += hashes
      skipExtendedRegex(hashes: hashes)
      return .literal
    default:
      let start = position
      position += hashes
      skipWord()
      let isDirective = ["#if", "#elseif", "#else", "#endif"].contains { name in
        bytes[start..<position].elementsEqual(name.utf8)
      }
      return isDirective ? .directive : .symbol
    }
  }

  /// Skips a comment and those nested in it; an unclosed one ends with the file.
  mutating func skipBlockComment() {
    var depth = 0
    while !isAtEnd {
      switch (peek(), peek(1)) {
      case (Byte.slash, Byte.star):
        depth += 1
        position += 2
      case (Byte.star, Byte.slash):
        depth -= 1
        position += 2
        if depth == 0 { return }
      case (let byte, _) where byte.isNewline:
        skipNewline()
      default:
        position += 1
      }
    }
  }

  /// Whether a slash here may start a regular expression rather than divide.
  private var mayBeginRegex: Bool {
    if position > 0 {
      let before = bytes[position - 1]
      let isOpen = before.isBlank || before.isNewline || "([{,;:".utf8.contains(before)
      guard isOpen else { return false }
    }
    guard let previous, previous.lastLine == line else { return true }
    switch previous.kind {
    case .literal: return false
    case .word: return Self.beforeExpressions.contains(text(previous))
    case .symbol:
      return ![Byte.closeParenthesis, Byte.closeBracket, Byte.closeBrace]
        .contains(bytes[previous.range.lowerBound])
    case .directive, .lineComment, .blockComment: return true
    }
  }

  /// The keywords that may come before an expression.
  private static let beforeExpressions: Set<String> = [
    "return", "in", "case", "where", "if", "while", "guard", "switch", "for", "try", "await",
    "throw", "else", "do", "is", "as", "consume", "copy", "each", "repeat", "yield",
  ]

  /// The text of a token.
  func text(_ token: Token) -> String { String(decoding: bytes[token.range], as: UTF8.self) }
}
