import Catalogue

/// A line comment as the scanner sees it.
enum AnnotationComment {
  /// An ordinary comment.
  case other
  /// Meant as an annotation but misspelt.
  case nearMiss(hint: String)
  /// Starts with `// @register`; well-formed if `problems` is empty.
  case annotation(ParsedAnnotation)
}

/// The three arguments of an annotation, as far as they parsed.
struct ParsedAnnotation {
  /// What is wrong, with its offset in bytes from the start of the comment.
  var problems: [(offset: Int, message: String)] = []
  var kind: Kind?
  var name: String?
  /// The configuration, with its offset.
  var config: (offset: Int, name: String)?
}

extension AnnotationComment {
  /// The expected form, for messages.
  static let form = "// @register(KIND, \"NAME\", CONFIG)"

  private static let prefix = Array("// @register".utf8)

  /// Reads a comment that starts with two slashes.
  init(_ comment: ArraySlice<UInt8>) {
    if comment.starts(with: Self.prefix) {
      var grammar = AnnotationGrammar(rest: comment.dropFirst(Self.prefix.count), comment: comment)
      self = .annotation(grammar.parse())
    } else if let head = NearMiss.head(of: comment) {
      let found = String(decoding: head, as: UTF8.self)
      let invisible = found.unicodeScalars.first { !$0.isASCII }
      let detail = invisible.map { " with \(codePoint($0)) in it" }
      self = .nearMiss(
        hint: "an annotation starts with \"// @register\", got \"\(found)\"\(detail ?? "")")
    } else {
      self = .other
    }
  }
}

/// Reads what follows `// @register`.
private struct AnnotationGrammar {
  var rest: ArraySlice<UInt8>
  let comment: ArraySlice<UInt8>
  var result = ParsedAnnotation()

  init(rest: ArraySlice<UInt8>, comment: ArraySlice<UInt8>) {
    self.rest = rest
    self.comment = comment
  }

  /// Stops at the first syntax error; collects errors of meaning.
  mutating func parse() -> ParsedAnnotation {
    let isWellFormed =
      expect(Byte.openParenthesis, "\"(\" right after @register", skippingBlanks: false)
      && parseKind() && expect(Byte.comma, "\",\" after the kind")
      && parseName() && expect(Byte.comma, "\",\" after the name")
      && parseConfig() && expect(Byte.closeParenthesis, "\")\" after the configuration")
      && parseEnd()
    assert(isWellFormed || !result.problems.isEmpty)
    return result
  }

  private mutating func skipBlanks() { rest = rest.drop { $0.isBlank } }

  private var offset: Int { rest.startIndex - comment.startIndex }

  private mutating func fail(_ expected: String) -> Bool {
    result.problems.append(
      (offset, "expected \(expected), got \(found); an annotation is \(AnnotationComment.form)"))
    return false
  }

  /// What is at this position, for a message.
  private var found: String {
    guard let first = rest.first else { return "the end of the line" }
    if first.isBlank { return "whitespace" }
    let scalar = String(decoding: rest.prefix(4), as: UTF8.self).unicodeScalars.first!
    if scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint {
      return codePoint(scalar)
    }
    let word = rest.prefix { $0.isWord }
    return "\"\(String(decoding: word.isEmpty ? rest.prefix(1) : word.prefix(60), as: UTF8.self))\""
  }

  private mutating func expect(
    _ byte: UInt8, _ what: String, skippingBlanks: Bool = true
  ) -> Bool {
    if skippingBlanks { skipBlanks() }
    guard rest.first == byte else { return fail(what) }
    rest.removeFirst()
    return true
  }

  private mutating func parseEnd() -> Bool {
    skipBlanks()
    return rest.isEmpty || fail("nothing after the annotation on its line")
  }

  private mutating func parseKind() -> Bool {
    skipBlanks()
    if rest.first == Byte.quote { return fail("a kind without quotes") }
    let word = rest.prefix { $0.isWord }
    if word.isEmpty { return fail("a kind") }
    let text = String(decoding: word, as: UTF8.self)
    if let kind = Kind(rawValue: text), Kind.registrable.contains(kind) {
      result.kind = kind
    } else {
      result.problems.append((offset, Self.explain(kind: text)))
    }
    rest = rest.dropFirst(word.count)
    return true
  }

  private static func explain(kind text: String) -> String {
    if text == Kind.multihead.rawValue {
      return "\"multihead\" cannot be annotated: "
        + "every registered attention is also judged inside the multi-head dispatch"
    }
    let kinds = Kind.registrable.map(\.rawValue)
    return "there is no kind \"\(text)\"\(hint(text, among: kinds)); "
      + "the kinds are \(kinds.joined(separator: ", "))"
  }

  private mutating func parseName() -> Bool {
    skipBlanks()
    guard rest.first == Byte.quote else { return fail("a name in double quotes") }
    let start = offset
    let content = rest.dropFirst().prefix { $0 != Byte.quote }
    rest = rest.dropFirst(content.count + 1)
    if rest.isEmpty { return fail("a double quote after the name") }
    rest.removeFirst()
    let name = String(decoding: content, as: UTF8.self)
    if let problem = Self.explain(name: name) {
      result.problems.append((start, problem))
    } else {
      result.name = name
    }
    return true
  }

  /// What is wrong with a name; names are used in filters, folders and identifiers.
  private static func explain(name: String) -> String? {
    let rule = "a name starts with a letter and consists of a-z, A-Z, 0-9, \"_\", \"-\" and \".\""
    guard let first = name.utf8.first else { return "the name is empty; \(rule)" }
    if ["and", "or", "not"].contains(name) {
      return "\"\(name)\" is an operator of filter expressions and cannot be a name"
    }
    if name.utf8.count > 64 { return "the name is longer than 64 bytes; \(rule)" }
    let marks = Array("_-.".utf8)
    let wrong = name.unicodeScalars.first { scalar in
      guard scalar.isASCII else { return true }
      let byte = UInt8(scalar.value)
      return !byte.isLetter && !byte.isDigit && !marks.contains(byte)
    }
    if let wrong {
      return "the name \"\(name)\" contains \(describe(wrong)); \(rule)"
    }
    return first.isLetter ? nil : "the name \"\(name)\" starts with \"\(name.prefix(1))\"; \(rule)"
  }

  private static func describe(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\\": "a backslash, and there are no escapes"
    case " ": "a space"
    case "\t": "a tab"
    default:
      scalar.properties.isWhitespace || scalar.value < 0x20
        ? codePoint(scalar) : "\"\(scalar)\""
    }
  }

  private mutating func parseConfig() -> Bool {
    skipBlanks()
    if rest.first == Byte.quote { return fail("a configuration type without quotes") }
    let start = rest
    repeat {
      let isEscaped = rest.first == Byte.backtick
      if isEscaped { rest.removeFirst() }
      let word = isEscaped ? rest.prefix { $0 != Byte.backtick } : rest.prefix { $0.isWord }
      if word.isEmpty || (!isEscaped && word.first!.isDigit) { return fail("a configuration type") }
      if word.elementsEqual("self".utf8) { return fail("a configuration type without .self") }
      rest = rest.dropFirst(word.count)
      if isEscaped {
        if rest.isEmpty { return fail("a closing backtick") }
        rest.removeFirst()
      }
    } while acceptDot()
    if rest.first == Byte.less { return fail("a configuration type without generic arguments") }
    let name = String(decoding: start.prefix(upTo: rest.startIndex), as: UTF8.self)
    result.config = (start.startIndex - comment.startIndex, name)
    return true
  }

  private mutating func acceptDot() -> Bool {
    guard rest.first == Byte.dot else { return false }
    rest.removeFirst()
    return true
  }
}
