/// The type below an annotation.
struct AnnotatedType {
  /// Why no type was found.
  struct Problem: Error {
    let message: String
  }

  let declaration: Declaration
  /// The documentation between the annotation and the type.
  let documentation: [Token]

  /// Searches below an annotation, on a copy of the lexer positioned after it.
  ///
  /// Comments, attributes and modifiers may come between; another annotation ends the search, so
  /// all searches in a file together take linear time.
  static func find(below annotation: Token, in file: Lexer) -> Result<Self, Problem> {
    var search = Search(lexer: file, last: annotation)
    do throws(Problem) {
      let declaration = try search.declaration()
      return .success(Self(declaration: declaration, documentation: search.documentation))
    } catch {
      return .failure(error)
    }
  }

  private struct Search {
    var lexer: Lexer
    var last: Token
    var documentation: [Token] = []
    var hasBlankLine = false

    /// The next token of code; collects documentation on the way.
    mutating func next() throws(Problem) -> Token? {
      while let token = lexer.next() {
        if token.line > last.lastLine + 1 { hasBlankLine = true }
        last = token
        guard token.isComment else { return token }
        let text = lexer.bytes[token.range]
        if token.kind == .lineComment {
          switch AnnotationComment(text) {
          case .other: break
          case .annotation, .nearMiss: throw missing("another annotation; a type has only one")
          }
        }
        if Documentation.isDocumentation(text) { documentation.append(token) }
      }
      return nil
    }

    func missing(_ found: String) -> Problem {
      Problem(
        message: "expected a class, struct, enum or actor directly below this annotation, "
          + "got \(found)")
    }

    /// Reads attributes, modifiers and the head of the type.
    mutating func declaration() throws(Problem) -> Declaration {
      var token = try next()
      var hiding: String?
      while let current = token {
        guard current.kind == .word else {
          guard lexer.symbol(current) == Byte.at else { throw missing(describe(current)) }
          token = try skipAttribute()
          continue
        }
        let word = lexer.text(current)
        if Declaration.registrable.contains(word),
          let declaration = Declaration(keyword: current, in: lexer)
        {
          return try accept(declaration, hiding: hiding)
        }
        guard Declaration.modifiers.contains(word) else { throw missing(describe(current)) }
        if word == "private" || word == "fileprivate" { hiding = word }
        token = try skipList(from: next())
      }
      throw missing("the end of the file")
    }

    private func accept(
      _ declaration: Declaration, hiding: String?
    ) throws(Problem) -> Declaration {
      if hasBlankLine {
        throw Problem(
          message: "there is a blank line between this annotation and \"\(declaration.name)\"; "
            + "an annotation goes directly above its type")
      }
      if let hiding {
        throw Problem(
          message: "\"\(declaration.name)\" is \(hiding), so the generated registry cannot see it")
      }
      return declaration
    }

    /// Skips the name and arguments of an attribute; returns the token after it.
    private mutating func skipAttribute() throws(Problem) -> Token? {
      guard let name = try next(), name.kind == .word else { throw missing("\"@\" without a name") }
      var token = try next()
      while let dot = token, lexer.symbol(dot) == Byte.dot {
        guard let part = try next(), part.kind == .word else {
          throw missing("an incomplete attribute")
        }
        token = try next()
      }
      if let open = token, lexer.symbol(open) == Byte.less {
        token = try skip(opening: [Byte.less], closing: [Byte.greater])
      }
      return try skipList(from: token)
    }

    /// Skips a list in parentheses, if there is one; returns the token after it.
    private mutating func skipList(from token: Token?) throws(Problem) -> Token? {
      guard let token, lexer.symbol(token) == Byte.openParenthesis else { return token }
      return try skip(
        opening: [Byte.openParenthesis, Byte.openBracket, Byte.openBrace],
        closing: [Byte.closeParenthesis, Byte.closeBracket, Byte.closeBrace])
    }

    /// Skips from after an opening symbol to after the one that closes it.
    private mutating func skip(
      opening: [UInt8], closing: [UInt8]
    ) throws(Problem) -> Token? {
      var depth = 1
      while depth > 0 {
        guard let token = try next() else { return nil }
        let symbol = lexer.symbol(token)
        depth += opening.contains(symbol) ? 1 : closing.contains(symbol) ? -1 : 0
      }
      return try next()
    }

    private func describe(_ token: Token) -> String {
      let text = lexer.text(token)
      return "\"\(text.prefix(40))\""
    }
  }
}
