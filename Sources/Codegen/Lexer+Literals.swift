extension Lexer {
  /// An open string literal, and the interpolation open in it.
  private struct OpenString {
    let hashes: Int
    let isMultiline: Bool
    /// The index of the outermost open string that must end on its line; `Int.max` if none must.
    let lineBound: Int
    /// How many parentheses of an interpolation are open; zero in the text itself.
    var depth = 0
  }

  /// Skips the string literal whose quote is at the position, with everything it interpolates.
  ///
  /// As in the compiler, an interpolation may contain strings, comments and parentheses, and a
  /// single-line string ends with its line at the latest.
  mutating func skipString(hashes: Int) {
    var open: [OpenString] = []
    beginString(hashes: hashes, in: &open)
    while let string = open.last, !isAtEnd {
      if peek().isNewline {
        if !string.isMultiline {
          open.removeSubrange(string.lineBound...)
          if open.isEmpty { return }
        }
        skipNewline()
      } else if string.depth == 0 {
        skipText(&open)
      } else {
        skipInterpolated(&open)
      }
    }
  }

  private mutating func skipText(_ open: inout [OpenString]) {
    let last = open.count - 1
    let string = open[last]
    switch peek() {
    case Byte.quote:
      let quotes = string.isMultiline ? 3 : 1
      if string.isMultiline, peek(1) != Byte.quote || peek(2) != Byte.quote {
        position += 1
        return
      }
      position += quotes
      let closing = skipHashes(atMost: string.hashes)
      if closing == string.hashes {
        open.removeLast()
      } else if quotes == 3, closing == 0 {
        // The last three of four quotes may be the closing ones.
        position -= 2
      }
    case Byte.backslash:
      position += 1
      guard skipHashes(atMost: string.hashes) == string.hashes, !isAtEnd else { return }
      if peek() == Byte.openParenthesis {
        open[last].depth = 1
        position += 1
      } else if !peek().isNewline {
        position += 1
      }
    default:
      position += 1
    }
  }

  private mutating func skipInterpolated(_ open: inout [OpenString]) {
    let last = open.count - 1
    switch peek() {
    case Byte.openParenthesis:
      open[last].depth += 1
      position += 1
    case Byte.closeParenthesis:
      open[last].depth -= 1
      position += 1
    case Byte.quote:
      beginString(hashes: 0, in: &open)
    case Byte.hash:
      let hashes = skipHashes(atMost: .max)
      if peek() == Byte.quote { beginString(hashes: hashes, in: &open) }
    case Byte.slash where peek(1) == Byte.slash:
      skipLine()
    case Byte.slash where peek(1) == Byte.star:
      skipBlockComment()
    default:
      position += 1
    }
  }

  /// Skips the opening quotes at the position.
  private mutating func beginString(hashes: Int, in open: inout [OpenString]) {
    let isMultiline =
      peek(1) == Byte.quote && peek(2) == Byte.quote && !isQuotedQuote(hashes: hashes)
    position += isMultiline ? 3 : 1
    let inherited = open.last?.lineBound ?? .max
    let lineBound = min(inherited, isMultiline ? .max : open.count)
    open.append(OpenString(hashes: hashes, isMultiline: isMultiline, lineBound: lineBound))
  }

  /// Whether three quotes start a raw literal whose text starts with a quote and that closes on
  /// its line.
  private mutating func isQuotedQuote(hashes: Int) -> Bool {
    guard hashes > 0 else { return false }
    if let known = lineSearches[hashes], position < known.end { return known.isFound }
    var offset = position + 1
    var isFound = false
    while offset < bytes.count, !bytes[offset].isNewline, !isFound {
      guard bytes[offset] == Byte.quote else {
        offset += 1
        continue
      }
      let end = bytes[(offset + 1)...].prefix(hashes).prefix { $0 == Byte.hash }.endIndex
      isFound = end - offset - 1 == hashes
      if !isFound { offset = end }
    }
    lineSearches[hashes] = (offset, isFound)
    return isFound
  }

  private mutating func skipHashes(atMost limit: Int) -> Int {
    var count = 0
    while count < limit, peek() == Byte.hash {
      count += 1
      position += 1
    }
    return count
  }

  /// Skips a regular expression between slashes with number signs; the slash is at the position.
  mutating func skipExtendedRegex(hashes: Int) {
    position += 1
    let rest = bytes[position...].drop { $0.isBlank }
    let isMultiline = rest.first?.isNewline ?? false
    while !isAtEnd {
      switch peek() {
      case Byte.slash:
        position += 1
        if skipHashes(atMost: hashes) == hashes { return }
      case Byte.backslash where !peek(1).isNewline:
        position = min(position + 2, bytes.count)
      case let byte where byte.isNewline:
        guard isMultiline else { return }
        skipNewline()
      default:
        position += 1
      }
    }
  }

  /// Skips a regular expression between plain slashes, if one starts here.
  ///
  /// The rules are the compiler's: it closes on its line, neither starts nor ends with a blank, and
  /// has no unmatched closing parenthesis. A failed search passes no slash that may start another
  /// expression, so searches do not add up.
  mutating func skipBareRegex() -> Bool {
    guard !peek(1).isBlank else { return false }
    var offset = position + 1
    var depth = 0
    var isInClass = false
    while offset < bytes.count, !bytes[offset].isNewline {
      switch bytes[offset] {
      case Byte.slash:
        if bytes[offset - 1].isBlank { return false }
        position = offset + 1
        return true
      case Byte.backslash:
        // The end of a line cannot be escaped.
        if offset + 1 < bytes.count, !bytes[offset + 1].isNewline { offset += 1 }
      case Byte.openBracket: isInClass = true
      case Byte.closeBracket: isInClass = false
      case Byte.openParenthesis where !isInClass: depth += 1
      case Byte.closeParenthesis where !isInClass:
        depth -= 1
        if depth < 0 { return false }
      default: break
      }
      offset += 1
    }
    return false
  }
}
