/// A piece of Swift source, told apart as far as finding annotations and types needs it.
struct Token {
  /// What a piece is.
  enum Kind {
    /// An identifier or keyword, with its backticks if it has them.
    case word
    /// A number, a string literal with all its interpolations, or a regular expression.
    case literal
    /// Anything else: one byte, or a macro's name with its number sign.
    case symbol
    /// `#if`, `#elseif`, `#else` or `#endif`, without its condition.
    case directive
    /// From two slashes to the end of the line, which it does not hold.
    case lineComment
    /// A comment between `/*` and `*/`, with those nested in it.
    case blockComment
  }

  /// What it is.
  let kind: Kind
  /// Where it is, in bytes.
  let range: Range<Int>
  /// The line where it begins, from 1.
  let line: Int
  /// The column in UTF-8 bytes where it begins, from 1.
  let column: Int
  /// The line where it ends.
  let lastLine: Int
  /// Whether only blanks stand before it on its line.
  let isFirstOnLine: Bool

  /// Whether it is a comment.
  var isComment: Bool { kind == .lineComment || kind == .blockComment }
}
