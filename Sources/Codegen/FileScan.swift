import Catalogue

/// The annotations and types of one file.
struct FileScan {
  /// A configuration named in an annotation, to be looked up in all files of the module.
  struct ConfigUse {
    let name: String
    let line: Int
    let column: Int
  }

  private(set) var annotations: [Annotation] = []
  private(set) var configUses: [ConfigUse] = []
  /// The types visible to the whole module, with their outer types, without backticks.
  private(set) var types: Set<String> = []
  private(set) var diagnostics: [Diagnostic] = []

  private let file: SourceFile
  private let platform: String
  private var lexer: Lexer
  private var scopes = Scopes()
  private var conditions = Conditions()
  /// The documentation comments right above the current line.
  private var documentation: [Token] = []
  private var last: Token?
  private var lastCode: Token?

  /// Scans a file to its end.
  init(_ file: SourceFile, platform: String) {
    self.file = file
    self.platform = platform
    lexer = Lexer(file.bytes)
    while let token = lexer.next() {
      if let last, token.line > last.lastLine + 1 { documentation = [] }
      last = token
      switch token.kind {
      case .lineComment, .blockComment: visit(comment: token)
      case .directive: visit(directive: token)
      case .word, .literal, .symbol: visit(code: token)
      }
    }
  }

  private mutating func report(_ token: Token, offset: Int = 0, _ message: String) {
    diagnostics.append(
      Diagnostic(path: file.path, line: token.line, column: token.column + offset, message))
  }

  // MARK: Comments

  private mutating func visit(comment token: Token) {
    let text = file.bytes[token.range]
    if token.kind == .lineComment, conditions.activity != .no {
      switch AnnotationComment(text) {
      case .other: break
      case .nearMiss(let hint): report(token, hint)
      case .annotation(let parsed): visit(annotation: token, parsed)
      }
    }
    if token.isFirstOnLine, Documentation.isDocumentation(text) { documentation.append(token) }
  }

  private mutating func visit(annotation token: Token, _ parsed: ParsedAnnotation) {
    for problem in parsed.problems { report(token, offset: problem.offset, problem.message) }
    guard token.isFirstOnLine else {
      report(token, "an annotation goes on its own line, directly above its type")
      return
    }
    if conditions.activity == .unknown {
      let words = conditions.undecided.map { file.text($0).split(whereSeparator: \.isWhitespace) }
      let condition = (words ?? []).prefix(20).joined(separator: " ")
      report(
        token,
        "this annotation is under \"\(condition)\", which the generator cannot evaluate; "
          + "it knows only true, false, os(...), !, && and ||")
      return
    }
    if let config = parsed.config {
      configUses.append(
        ConfigUse(name: config.name, line: token.line, column: token.column + config.offset))
    }
    switch AnnotatedType.find(below: token, in: lexer) {
    case .failure(let problem): report(token, problem.message)
    case .success(let found):
      if let problem = scopes.problem(for: found.declaration) {
        report(token, problem)
        return
      }
      guard let kind = parsed.kind, let name = parsed.name, let config = parsed.config else {
        return
      }
      guard parsed.problems.isEmpty else { return }
      let comments = (documentation + found.documentation).map { file.bytes[$0.range] }
      annotations.append(
        Annotation(
          kind: kind, name: name, config: config.name,
          type: scopes.qualified(found.declaration.name),
          summary: Documentation.summary(of: comments), module: file.module, path: file.path,
          line: token.line, column: token.column))
    }
  }

  // MARK: Conditions

  private mutating func visit(directive token: Token) {
    documentation = []
    lastCode = token
    switch lexer.text(token) {
    case "#if":
      let (value, range) = readCondition(after: token)
      conditions.begin(value, text: range, depth: scopes.depth)
    case "#elseif":
      let (value, range) = readCondition(after: token)
      scopes.truncate(to: conditions.depth)
      conditions.change(value, text: range)
    case "#else":
      scopes.truncate(to: conditions.depth)
      conditions.change(.yes, text: nil)
    default:
      scopes.truncate(to: conditions.depth)
      conditions.end()
    }
  }

  /// Reads to the end of the line, and on while a parenthesis is open.
  private mutating func readCondition(after directive: Token) -> (Truth, Range<Int>) {
    var words: [String] = []
    var depth = 0
    var end = directive
    while true {
      let before = lexer
      guard let token = lexer.next() else { break }
      let isOutside = token.line != end.lastLine && depth == 0
      if isOutside || token.kind == .lineComment || token.kind == .directive {
        lexer = before
        break
      }
      end = token
      last = token
      if token.kind == .blockComment { continue }
      depth += lexer.symbol(token) == Byte.openParenthesis ? 1 : 0
      depth -= lexer.symbol(token) == Byte.closeParenthesis ? 1 : 0
      // Longer conditions are not evaluated, so their words need not be kept.
      if words.count <= 200 { words.append(lexer.text(token)) }
    }
    let range = directive.range.lowerBound..<end.range.upperBound
    return (Condition.evaluate(words, platform: platform), range)
  }

  // MARK: Code

  private mutating func visit(code token: Token) {
    documentation = []
    defer { lastCode = token }
    guard conditions.activity != .no else { return }
    if token.kind == .symbol {
      scopes.visit(lexer.symbol(token))
    } else if token.kind == .word, scopes.mayDeclare, isKeyword(token), !isPartOfName {
      guard let declaration = Declaration(keyword: token, in: lexer) else { return }
      if scopes.isVisible, declaration.keyword != "extension", declaration.keyword != "protocol" {
        types.insert(scopes.qualified(declaration.name).withoutBackticks)
      }
      scopes.expect(declaration)
    }
  }

  /// Whether a word comes before a type's name; its length and first letter rule out nearly all
  /// words without the cost of making a string.
  private func isKeyword(_ token: Token) -> Bool {
    guard (4...9).contains(token.range.count) else { return false }
    return Self.firstLetters.contains(file.bytes[token.range.lowerBound])
      && Declaration.keywords.contains(lexer.text(token))
  }

  private static let firstLetters = Declaration.keywords.compactMap(\.utf8.first)

  /// Whether the current word follows a dot or `import`, and so declares nothing.
  private var isPartOfName: Bool {
    guard let lastCode else { return false }
    return lexer.symbol(lastCode) == Byte.dot
      || lastCode.kind == .word && lexer.text(lastCode) == "import"
  }
}
