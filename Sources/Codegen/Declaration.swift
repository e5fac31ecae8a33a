/// The head of a type's declaration, as far as its tokens show.
struct Declaration {
  /// The keyword: `class`, `struct`, `enum`, `actor`, `protocol`, `extension` or `typealias`.
  let keyword: String
  /// The name as written, with dots in it for some extensions.
  let name: String
  /// Whether it has type parameters.
  let isGeneric: Bool

  /// The keywords of the types that can be registered.
  static let registrable: Set<String> = ["class", "struct", "enum", "actor"]
  /// The keywords that come before a type's name.
  static let keywords = registrable.union(["protocol", "extension", "typealias"])
  /// The modifiers that may come before such a keyword.
  static let modifiers: Set<String> = [
    "public", "package", "internal", "fileprivate", "private", "open", "final", "indirect",
    "distributed", "nonisolated", "static",
  ]

  /// The words that may follow `class` or `actor` where no type starts.
  private static let notNames: Set<String> = modifiers.union([
    "func", "var", "let", "init", "subscript", "override", "class", "dynamic", "async", "mutating",
    "nonmutating", "required", "convenience", "lazy", "weak", "unowned", "optional", "isolated",
    "prefix", "postfix", "infix", "borrowing", "consuming", "in", "is", "as", "else", "where",
    "case", "if", "for", "while", "return", "guard", "switch", "catch", "throws", "rethrows",
  ])

  /// Reads what follows a keyword, on a copy of the lexer positioned after it.
  init?(keyword: Token, in file: borrowing Lexer) {
    var lexer = copy file
    self.keyword = lexer.text(keyword)
    guard let first = lexer.nextCode(), first.kind == .word else { return nil }
    var name = lexer.text(first)
    if ["class", "actor"].contains(self.keyword), Self.notNames.contains(name) { return nil }
    // `actor` may also be a plain name; then a word on the next line starts something else.
    if self.keyword == "actor", first.line != keyword.line { return nil }
    var following = lexer.nextCode()
    while self.keyword == "extension", following.map(lexer.symbol) == Byte.dot {
      guard let part = lexer.nextCode(), part.kind == .word else { break }
      name += "." + lexer.text(part)
      following = lexer.nextCode()
    }
    self.name = name
    isGeneric = following.map(lexer.symbol) == Byte.less
  }
}

extension Lexer {
  /// The next token that is not a comment.
  mutating func nextCode() -> Token? {
    while let token = next() {
      if !token.isComment { return token }
    }
    return nil
  }

  /// The byte of a symbol; zero for any other token.
  func symbol(_ token: Token) -> UInt8 {
    token.kind == .symbol ? bytes[token.range.lowerBound] : 0
  }
}

extension String {
  /// The name without the backticks that may enclose its parts.
  var withoutBackticks: String { filter { $0 != "`" } }
}
