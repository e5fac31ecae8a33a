/// A token of Swift source, classified only as finely as finding annotations and types needs.
struct Token {
  /// The kinds of token.
  enum Kind {
    /// An identifier or keyword, with its backticks if it has them.
    case word
    /// A number, a string literal with all its interpolations, or a regular expression.
    case literal
    /// Anything else: one byte, or a macro's name with its number sign.
    case symbol
    /// `#if`, `#elseif`, `#else` or `#endif`, without its condition.
    case directive
    /// From two slashes to the end of the line, excluding it.
    case lineComment
    /// A comment between `/*` and `*/`, with those nested in it.
    case blockComment
  }

  let kind: Kind
  /// The range in bytes.
  let range: Range<Int>
  /// The line where it starts, from 1.
  let line: Int
  /// The column in UTF-8 bytes where it starts, from 1.
  let column: Int
  /// The line where it ends.
  let lastLine: Int
  /// Whether only blanks come before it on its line.
  let isFirstOnLine: Bool

  var isComment: Bool { kind == .lineComment || kind == .blockComment }
}
