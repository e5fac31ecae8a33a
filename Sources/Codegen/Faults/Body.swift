/// The body of a function, an initialiser or an accessor, or the initial value of a property.
struct Body {
  enum Kind {
    /// Statements, which return a value or not.
    case statements(hasValue: Bool)
    /// An expression.
    case initialValue
  }

  let kind: Kind
  /// The bytes between the braces, or after the equals sign.
  let range: Range<Int>

  /// Every body in a file, in order.
  static func all(in bytes: [UInt8]) -> [Body] {
    var finder = BodyFinder(bytes)
    return finder.find()
  }
}

/// Finds bodies in one pass over the tokens.
///
/// It remembers a declaration until its brace opens; closures in its parameters are nested deeper.
private struct BodyFinder {
  private struct Head {
    let keyword: String
    let depth: Int
    var hasArrow = false
    var isVoid = false
    var isVariable: Bool { keyword == "var" || keyword == "let" }
  }

  private struct Open {
    /// The kind of body that the bracket opens, if any.
    let body: Body.Kind?
    let start: Int
    /// Whether it may contain accessors.
    let isProperty: Bool
  }

  private var lexer: Lexer
  private var open: [Open] = []
  private var head: Head?
  private var value: (start: Int, end: Int, depth: Int)?
  private var found: [Body] = []
  private var last: Token?

  init(_ bytes: [UInt8]) { lexer = Lexer(bytes) }

  mutating func find() -> [Body] {
    while let token = lexer.nextCode() {
      endValue(before: token)
      switch token.kind {
      case .word: visit(word: token)
      case .symbol: visit(symbol: token)
      default: break
      }
      if value != nil { value?.end = token.range.upperBound }
      last = token
    }
    finishValue()
    return found.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  private mutating func visit(word token: Token) {
    let word = lexer.text(token)
    let previous = last.map(lexer.text)
    switch word {
    case "func", "subscript", "deinit": break
    case "init" where previous != ".": break
    case "var", "let":
      // These words bind a name, and the brace that follows opens other statements.
      if let previous, ["if", "guard", "while", "for", "case", ","].contains(previous) { return }
    case "get", "set", "willSet", "didSet":
      guard open.last?.isProperty == true else { return }
    case "Void":
      if let last, lexer.symbol(last) == Byte.greater { head?.isVoid = true }
      return
    default:
      // A variable without a value ends with its line.
      if token.isFirstOnLine, head?.isVariable == true, head?.depth == open.count { head = nil }
      return
    }
    head = Head(keyword: word, depth: open.count)
  }

  private mutating func visit(symbol token: Token) {
    switch lexer.symbol(token) {
    case Byte.openBrace: begin(token)
    case Byte.openParenthesis, Byte.openBracket:
      open.append(Open(body: nil, start: token.range.upperBound, isProperty: false))
    case Byte.closeBrace, Byte.closeParenthesis, Byte.closeBracket: end(token)
    case Byte.greater:
      if let last, lexer.symbol(last) == UInt8(ascii: "-"), head?.depth == open.count {
        head?.hasArrow = true
      }
    case UInt8(ascii: "="):
      guard let head, head.depth == open.count, head.isVariable else { return }
      // A value inside a body is repeated with that body.
      if !open.contains(where: { $0.body != nil }), isAssignment(token) {
        value = (token.range.upperBound, token.range.upperBound, open.count)
      }
      self.head = nil
    default: break
    }
  }

  /// Whether an equals sign is not part of a longer operator.
  private func isAssignment(_ token: Token) -> Bool {
    lexer.bytes[token.range.upperBound...].first.map { $0 == Byte.space || $0.isNewline } ?? false
  }

  private mutating func begin(_ token: Token) {
    var body: Body.Kind?
    var isProperty = false
    if let head, head.depth == open.count {
      switch head.keyword {
      case "func": body = .statements(hasValue: head.hasArrow && !head.isVoid)
      case "get": body = .statements(hasValue: true)
      case "var", "subscript":
        body = .statements(hasValue: true)
        isProperty = true
      case "let": break
      default: body = .statements(hasValue: false)
      }
      self.head = nil
    }
    open.append(Open(body: body, start: token.range.upperBound, isProperty: isProperty))
  }

  private mutating func end(_ token: Token) {
    guard let closed = open.popLast() else { return }
    if let head, head.depth > open.count { self.head = nil }
    guard let kind = closed.body else { return }
    found.append(Body(kind: kind, range: closed.start..<token.range.lowerBound))
  }

  /// Ends an initial value where a new line starts something else, or its type ends.
  private mutating func endValue(before token: Token) {
    guard let value, open.count <= value.depth else { return }
    let symbol = lexer.symbol(token)
    let isOther = token.isFirstOnLine && (token.kind == .word || symbol == Byte.at)
    if isOther || symbol == Byte.closeBrace || token.kind == .directive { finishValue() }
  }

  private mutating func finishValue() {
    if let value, value.end > value.start {
      found.append(Body(kind: .initialValue, range: value.start..<value.end))
    }
    value = nil
  }
}
