/// The first sentence of a documentation comment.
enum Documentation {
  /// Whether a comment documents what follows it.
  static func isDocumentation(_ comment: ArraySlice<UInt8>) -> Bool {
    comment.starts(with: "///".utf8) && !comment.starts(with: "////".utf8)
      || comment.starts(with: "/**".utf8) && comment.count > 4
  }

  /// The first sentence of these comments, on one line; empty if they have no text.
  static func summary(of comments: [ArraySlice<UInt8>]) -> String {
    let lines = comments.lazy.flatMap(lines)
    let paragraph = lines.drop { $0.isEmpty }.prefix { !$0.isEmpty }.joined(separator: " ")
    return firstSentence(of: paragraph.split(separator: " ").map(String.init))
  }

  /// The lines of a comment without its delimiters.
  private static func lines(of comment: ArraySlice<UInt8>) -> [String] {
    let text = String(decoding: comment, as: UTF8.self)
    guard text.hasPrefix("/**") else { return [trimmed(text.dropFirst(3))] }
    return text.dropFirst(3).dropLast(text.hasSuffix("*/") ? 2 : 0)
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { line in
        let text = trimmed(line)
        return text.hasPrefix("*") ? trimmed(text.dropFirst()) : text
      }
  }

  private static func trimmed(_ text: Substring) -> String {
    let rest = text.drop(while: \.isWhitespace)
    let length = rest.reversed().drop(while: \.isWhitespace).count
    return String(rest.prefix(length))
  }

  /// Ends at a word with a full stop before a capitalised word, unless it is an abbreviation.
  private static func firstSentence(of words: [String]) -> String {
    let abbreviations: Set<String> = ["al.", "e.g.", "i.e.", "cf.", "vs.", "eq.", "fig.", "sec."]
    for (index, word) in words.enumerated().dropLast() {
      guard let mark = word.last, ".!?".contains(mark) else { continue }
      let isInitial = word.count == 2 && word.first!.isUppercase
      if isInitial || abbreviations.contains(word.lowercased()) { continue }
      if words[index + 1].first!.isUppercase {
        return words[...index].joined(separator: " ")
      }
    }
    return words.joined(separator: " ")
  }
}
