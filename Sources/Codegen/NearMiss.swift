import Catalogue
internal import Support

/// Comments that were meant as annotations but are spelt differently.
///
/// Prose, code and annotations that somebody commented out must not be taken for one, so a word
/// that is only like `@register` counts before a parenthesis, and one without its sign counts
/// before a kind and a name.
enum NearMiss {
  /// The beginning of such a comment, up to the wrong word; `nil` for any other comment.
  static func head(of comment: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let slashes = comment.prefix { $0 == Byte.slash }.count
    let body = comment.dropFirst(slashes).drop(while: isSpacing)
    // Three slashes document, and four or two pairs are what commenting out leaves.
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

  /// Whether a file can hold an annotation or nearly one: a cheap test on all of its bytes.
  static func mayOccur(in bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      hasComment(beginning: [Byte.at], in: bytes)
        || hasComment(beginning: Array("register".utf8), in: bytes)
    }
  }

  /// The length of the longest word that can be like `@register`.
  private static let longest = 16

  /// Whether it is nearly `@register`, with the sign or the word itself in it; the cheap test finds
  /// these.
  private static func isLikeRegister(_ bytes: ArraySlice<UInt8>) -> Bool {
    let hasSign =
      bytes.contains(Byte.at) || String(decoding: bytes, as: UTF8.self).contains("register")
    return hasSign && distance(bytes, "@register") <= 3
  }

  /// Whether a word stands at the beginning of a line comment, with at most three bytes before it.
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

  /// Whether it is a blank, or a byte of the invisible ones that come with pasted text: no-break
  /// spaces and zero-width ones.
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

  /// How many edits make a word of it, blanks and case aside.
  private static func distance(_ bytes: ArraySlice<UInt8>, _ word: String) -> Int {
    guard bytes.count <= longest else { return .max }
    let letters = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    return editDistance(letters.lowercased(), word)
  }
}
