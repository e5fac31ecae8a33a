/// The brackets that are open at one position in a file, and the types among them.
struct Scopes {
  private enum Scope {
    /// The braces of a type that others can name.
    case type
    /// Any other braces.
    case braces
    /// Parentheses or square brackets, where nothing is declared.
    case list
  }

  private var open: [Scope] = []
  private var types: [Declaration] = []
  private var hidden = 0
  private var expected: Declaration?

  /// Deeper types are not tracked, which bounds the length of their names.
  private static let deepest = 32

  /// How many brackets are open.
  var depth: Int { open.count }

  /// Whether the rest of the module can name what is declared here.
  var isVisible: Bool { hidden == 0 }

  /// Whether anything can be declared here.
  var mayDeclare: Bool { open.last != .list }

  /// The name of what is declared here, with the types around it.
  func qualified(_ name: String) -> String {
    (types.map(\.name) + [name]).joined(separator: ".")
  }

  /// Why a type declared here cannot be registered.
  func problem(for declaration: Declaration) -> String? {
    if !isVisible {
      return "\"\(declaration.name)\" is declared inside a function, closure or other body, where "
        + "the generated registry cannot name it; declare it at file scope or in a type"
    }
    if declaration.isGeneric {
      return
        "\"\(declaration.name)\" is generic, and a registry cannot choose its type parameters; "
        + "register a type without them"
    }
    if let outer = types.first(where: \.isGeneric) {
      return "\"\(declaration.name)\" is nested in the generic type \"\(outer.name)\", "
        + "and a registry cannot choose its type parameters; declare it outside"
    }
    return nil
  }

  /// Makes the next brace open the body of this type.
  mutating func expect(_ declaration: Declaration) {
    expected = declaration.keyword == "typealias" ? nil : declaration
  }

  /// Applies a bracket; ignores other symbols.
  mutating func visit(_ symbol: UInt8) {
    switch symbol {
    case Byte.openBrace: begin()
    case Byte.openParenthesis, Byte.openBracket:
      open.append(.list)
      hidden += 1
    case Byte.closeBrace, Byte.closeParenthesis, Byte.closeBracket:
      if !open.isEmpty { end() }
    default: break
    }
  }

  /// Closes what a branch of a condition left open.
  mutating func truncate(to depth: Int) {
    while open.count > depth { end() }
    expected = nil
  }

  private mutating func begin() {
    if let declaration = expected, isVisible, types.count < Self.deepest {
      types.append(declaration)
      open.append(.type)
    } else {
      open.append(.braces)
      hidden += 1
    }
    expected = nil
  }

  private mutating func end() {
    if open.removeLast() == .type {
      types.removeLast()
    } else {
      hidden -= 1
    }
  }
}
