import Catalogue
internal import Support

/// Comments that were meant as annotations but are misspelt.
///
/// Prose, code and commented-out annotations must not match, so a word similar to `@register`
/// counts only before a parenthesis, and one without the `@` only before a kind and a name.
enum NearMiss {
  /// The start of such a comment, up to and including the wrong word; `nil` for other comments.
  static func head(of comment: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let slashes = comment.prefix { $0 == Byte.slash }.count
    let body = comment.dropFirst(slashes).drop(while: isSpacing)
    // Three slashes document; four, or two pairs, are commented-out code.
    if slashes > 3 || body.starts(with: "//".utf8) { return nil }

    if body.first == Byte.at {
      let word = body.dropFirst().drop(while: isSpacing)
      let letters = word.prefix { $0.isWord }
      let isCall =
        word.dropFirst(letters.count).drop(while: isSpacing).first
        == Byte.openParenthesis
      let isExact = letters.count == 8 && distance(letters, "register") == 0
      let isMeant =
        slashes == 2
        ? isExact || isCall && distance(letters, "register") <= 2
        : isExact && isCall
      if isMeant { return comment.prefix(upTo: letters.endIndex) }
    }
    guard slashes == 2 else { return nil }
    let beginning = body.prefix(longest)
    return beginning.indices.lazy
      .filter { body[$0] == Byte.openParenthesis && isArguments(body[($0 + 1)...]) }
      .filter { isLikeRegister(body.prefix(upTo: $0)) }
      .map { comment.prefix(upTo: $0) }
      .first
  }

  /// Whether a file may contain an annotation or a near miss: a cheap test on all of its bytes.
  static func mayOccur(in bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      hasComment(beginning: [Byte.at], in: bytes)
        || hasComment(beginning: Array("register".utf8), in: bytes)
    }
  }

  /// The length of the longest word that can be similar to `@register`.
  private static let longest = 16

  /// Whether it is similar to `@register` and contains `@` or `register`, as the cheap test
  /// requires.
  private static func isLikeRegister(_ bytes: ArraySlice<UInt8>) -> Bool {
    let hasSign =
      bytes.contains(Byte.at) || String(decoding: bytes, as: UTF8.self).contains("register")
    return hasSign && distance(bytes, "@register") <= 3
  }

  /// Whether a word is at the start of a line comment, with at most three other bytes before it.
  private static func hasComment(
    beginning word: [UInt8], in bytes: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    var start = 0
    while let offset = firstOffset(of: word, in: bytes, from: start) {
      var others = 0
      var before = offset - 1
      while before > 0, others <= 3, !bytes[before].isNewline {
        if bytes[before] == Byte.slash, bytes[before - 1] == Byte.slash { return true }
        if !isSpacing(bytes[before]) { others += 1 }
        before -= 1
      }
      start = offset + 1
    }
    return false
  }

  /// Whether it is a blank, or may be part of an invisible character from pasted text, such as a
  /// no-break or zero-width space.
  private static func isSpacing(_ byte: UInt8) -> Bool { byte.isBlank || byte >= 0x80 }

  /// Whether these are a kind, a comma and the quote of a name.
  private static func isArguments(_ bytes: ArraySlice<UInt8>) -> Bool {
    let word = bytes.drop(while: isSpacing)
    let kind = word.prefix { $0.isWord }
    let rest = word.dropFirst(kind.count).drop(while: isSpacing)
    guard rest.first == Byte.comma else { return false }
    guard rest.dropFirst().drop(while: isSpacing).first == Byte.quote else { return false }
    return Kind(rawValue: String(decoding: kind.prefix(64), as: UTF8.self)) != nil
  }

  /// The edit distance to a word, ignoring blanks and case.
  private static func distance(_ bytes: ArraySlice<UInt8>, _ word: String) -> Int {
    guard bytes.count <= longest else { return .max }
    let letters = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    return editDistance(letters.lowercased(), word)
  }
}
