internal import Catalogue
internal import Support

/// A selection of cells, as `-k` takes it: `nystrom and (masks or tag:grad) and not f16`.
///
/// A bare word that is the code of a law matches only that law. Any other matches a substring of a
/// kind, a part or the name of a law, or a whole code, tag or dtype; `field:word` matches the whole
/// field; `*` matches any run of characters; case does not matter.
public struct Selection: Sendable, CustomStringConvertible {
  /// The expression as typed.
  public let expression: String
  private let tree: SelectionTree
  private let words: [SelectionWord]

  /// Reads an expression.
  ///
  /// - Throws: ``SelectionError/syntax(expression:column:message:)``.
  public init(_ expression: String) throws(SelectionError) {
    self.expression = expression
    tree = try SelectionParser.tree(of: expression)
    words = tree.words
  }

  /// The expression as typed.
  public var description: String { expression }

  /// Whether evaluating this needs the last report.
  public var asksForVerdicts: Bool { words.contains { $0.field == .verdict } }

  /// The items that the expression selects, in their order; at least one.
  ///
  /// - Throws: ``SelectionError`` if a word, even a negated one, matches no item, or if nothing is
  ///   selected.
  public func select<Item>(
    from items: [Item], subject: (Item) -> SelectionSubject
  ) throws(SelectionError) -> [Item] {
    let subjects = items.map(subject)
    let vocabulary = SelectionVocabulary(subjects)
    var matches: [SelectionWord: SelectionMatch] = [:]
    for word in words where matches[word] == nil {
      let match = SelectionMatch(word, in: vocabulary)
      if match.isEmpty { throw unknown(word, in: vocabulary) }
      matches[word] = match
    }
    var selected: [Item] = []
    for (item, subject) in zip(items, subjects) where tree.holds(for: subject, matches) {
      selected.append(item)
    }
    guard !selected.isEmpty else { throw .nothing(expression: expression) }
    return selected
  }

  private func unknown(
    _ word: SelectionWord, in vocabulary: SelectionVocabulary
  ) -> SelectionError {
    var known = vocabulary.words
    if word.field == .verdict {
      if known[.verdict, default: []].isEmpty {
        return .noVerdicts(expression: expression, column: word.column)
      }
      known[.verdict] = Set(Verdict.selectionWords)
    }
    let fields =
      word.field.map { [$0] }
      ?? SelectionField.withinWithoutField + SelectionField.wholeWithoutField
    let candidates = fields.flatMap { known[$0] ?? [] }
    // A known verdict that no cell has today is not a typo.
    let isRight = candidates.contains { $0.lowercased() == word.text.lowercased() }
    return .unknownWord(
      expression: expression, column: word.column, word: word.text,
      nearest: isRight ? nil : nearest(word.text, among: candidates))
  }
}

/// The distinct words of all subjects: far fewer than subjects, so each is matched once.
struct SelectionVocabulary {
  private(set) var words: [SelectionField: Set<String>] = [:]

  init(_ subjects: [SelectionSubject]) {
    for subject in subjects {
      for (field, found) in subject.words { words[field, default: []].formUnion(found) }
    }
  }
}

/// The words of each field that one word of a selection matches.
struct SelectionMatch {
  private var words: [SelectionField: Set<String>] = [:]

  init(_ word: SelectionWord, in vocabulary: SelectionVocabulary) {
    let pattern = word.text.lowercased()
    func add(_ field: SelectionField, _ pattern: String) {
      let found = (vocabulary.words[field] ?? []).filter {
        wildcardMatches(pattern, $0.lowercased())
      }
      if !found.isEmpty { words[field] = found }
    }
    if let field = word.field {
      add(field, pattern)
    } else if vocabulary.words[.code, default: []].contains(where: { $0.lowercased() == pattern }) {
      add(.code, pattern)
    } else {
      for field in SelectionField.withinWithoutField { add(field, "*\(pattern)*") }
      for field in SelectionField.wholeWithoutField { add(field, pattern) }
    }
  }

  var isEmpty: Bool { words.isEmpty }

  func contains(_ subject: SelectionSubject) -> Bool {
    words.contains { field, matched in
      (subject.words[field] ?? []).contains(where: matched.contains)
    }
  }
}

extension SelectionTree {
  var words: [SelectionWord] {
    switch self {
    case .word(let word): [word]
    case .not(let inner): inner.words
    case .all(let inner), .any(let inner): inner.flatMap(\.words)
    }
  }

  func holds(
    for subject: SelectionSubject, _ matches: [SelectionWord: SelectionMatch]
  ) -> Bool {
    switch self {
    case .word(let word): matches[word]?.contains(subject) ?? false
    case .not(let inner): !inner.holds(for: subject, matches)
    case .all(let inner): inner.allSatisfy { $0.holds(for: subject, matches) }
    case .any(let inner): inner.contains { $0.holds(for: subject, matches) }
    }
  }
}

/// Whether a pattern, in which `*` matches any run of characters, matches the whole text.
///
/// After a mismatch only the last `*` is widened: what precedes it already matches as early as
/// possible, so the time is at most the product of the two lengths.
func wildcardMatches(_ pattern: String, _ text: String) -> Bool {
  let pattern = Array(pattern.utf8)
  let text = Array(text.utf8)
  let star = UInt8(ascii: "*")
  var inPattern = 0
  var inText = 0
  var lastStar: (pattern: Int, text: Int)?
  while inText < text.count {
    if inPattern < pattern.count, pattern[inPattern] == star {
      lastStar = (inPattern, inText)
      inPattern += 1
    } else if inPattern < pattern.count, pattern[inPattern] == text[inText] {
      inPattern += 1
      inText += 1
    } else if let star = lastStar {
      lastStar = (star.pattern, star.text + 1)
      inPattern = star.pattern + 1
      inText = star.text + 1
    } else {
      return false
    }
  }
  return pattern[inPattern...].allSatisfy { $0 == star }
}
