/// The statements of a function, an initialiser or an accessor, or the initial value of a property.
struct Body {
  enum Kind {
    /// Statements; a value comes of them or not.
    case statements(hasValue: Bool)
    /// An expression.
    case initialValue
  }

  let kind: Kind
  /// What stands between the braces, or behind the equals sign, in bytes.
  let range: Range<Int>

  /// Every body in a file, from its start.
  static func all(in bytes: [UInt8]) -> [Body] {
    var finder = BodyFinder(bytes)
    return finder.find()
  }
}

/// Finds bodies in one pass over the tokens.
///
/// A declaration is remembered until its brace comes; parameters with closures in them lie deeper.
private struct BodyFinder {
  private struct Head {
    let keyword: String
    let depth: Int
    var hasArrow = false
    var isVoid = false
  }

  private struct Open {
    /// The body that the bracket opens, if it opens one.
    let body: Body.Kind?
    let start: Int
    /// Whether accessors may stand in it.
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
    case "func", "subscript", "deinit": head = Head(keyword: word, depth: open.count)
    case "init" where previous != ".": head = Head(keyword: word, depth: open.count)
    case "var", "let":
      // Behind these words a name is bound, and a brace opens what is done with it.
      if let previous, ["if", "guard", "while", "for", "case", ","].contains(previous) { return }
      head = Head(keyword: word, depth: open.count)
    case "get", "set", "willSet", "didSet":
      guard open.last?.isProperty == true else { return }
      head = Head(keyword: word, depth: open.count)
    case "Void":
      if let last, lexer.symbol(last) == Byte.greater { head?.isVoid = true }
    default:
      // A variable without a value ends with its line.
      if token.isFirstOnLine, let head, head.depth == open.count,
        ["var", "let"].contains(head.keyword)
      {
        self.head = nil
      }
    }
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
      guard let head, head.depth == open.count, ["var", "let"].contains(head.keyword) else {
        return
      }
      // Inside of a body the body itself is what is written twice.
      if !open.contains(where: { $0.body != nil }), isAssignment(token) {
        value = (token.range.upperBound, token.range.upperBound, open.count)
      }
      self.head = nil
    default: break
    }
  }

  /// Whether an equals sign stands alone.
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

  /// Ends an initial value where something else begins on a line of its own, or its type ends.
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
