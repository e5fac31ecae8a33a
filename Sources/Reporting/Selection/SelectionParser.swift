/// A selection as a tree. Chains of one operator are flat, so a long expression cannot exhaust the
/// stack.
indirect enum SelectionTree: Sendable {
  case word(SelectionWord)
  case not(SelectionTree)
  case all([SelectionTree])
  case any([SelectionTree])
}

/// Reads `expr = term { "or" term }`, `term = factor { "and" factor }`,
/// `factor = "not" factor | "(" expr ")" | word`.
struct SelectionParser {
  private let expression: String
  private let tokens: [SelectionToken]
  private var position = 0
  private var depth = 0

  /// How deep parentheses and `not` may nest: far more than needed, far less than the stack allows.
  private static let deepest = 100

  /// The tree of an expression.
  static func tree(of expression: String) throws(SelectionError) -> SelectionTree {
    var parser = SelectionParser(
      expression: expression, tokens: try SelectionToken.tokens(of: expression))
    guard !parser.tokens.isEmpty else {
      throw .syntax(
        expression: expression, column: 0,
        message: "the selection is empty; \"*\" selects everything")
    }
    let tree = try parser.expressionTree()
    if let token = parser.next {
      throw parser.error(
        token.content == .close
          ? "\")\" without \"(\""
          : "expected \"and\" or \"or\", got \"\(token.text)\""
            + parser.keywordHint(token))
    }
    return tree
  }

  private init(expression: String, tokens: [SelectionToken]) {
    self.expression = expression
    self.tokens = tokens
  }

  private var next: SelectionToken? {
    position < tokens.count ? tokens[position] : nil
  }

  private func keywordHint(_ token: SelectionToken) -> String {
    let isShouted = ["and", "or", "not"].contains(token.text.lowercased())
    return isShouted ? "; keywords are lower case" : ""
  }

  private mutating func take(_ content: SelectionToken.Content) -> Bool {
    guard next?.content == content else { return false }
    position += 1
    return true
  }

  private func error(_ message: String) -> SelectionError {
    let column = next?.column ?? expression.count
    return .syntax(expression: expression, column: column, message: message)
  }

  private mutating func expressionTree() throws(SelectionError) -> SelectionTree {
    var terms = [try term()]
    while take(.or) { terms.append(try term()) }
    return terms.count == 1 ? terms[0] : .any(terms)
  }

  private mutating func term() throws(SelectionError) -> SelectionTree {
    var factors = [try factor()]
    while take(.and) { factors.append(try factor()) }
    return factors.count == 1 ? factors[0] : .all(factors)
  }

  private mutating func factor() throws(SelectionError) -> SelectionTree {
    guard depth < Self.deepest else {
      throw error("nested more than \(Self.deepest) deep")
    }
    depth += 1
    defer { depth -= 1 }
    if take(.not) { return .not(try factor()) }
    if take(.open) {
      let inner = try expressionTree()
      guard take(.close) else {
        throw error(next == nil ? "\")\" is missing" : "expected \"and\", \"or\" or \")\"")
      }
      return inner
    }
    guard case .word(let word)? = next?.content else {
      let found = next.map { "got \"\($0.text)\"" } ?? "got the end of the expression"
      throw error("expected a word, \"not\" or \"(\", \(found)")
    }
    position += 1
    return .word(word)
  }
}
