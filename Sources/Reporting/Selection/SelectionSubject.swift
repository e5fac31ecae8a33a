public import Catalogue

/// What a selection looks at: the words of one cell, or of one part alone.
public struct SelectionSubject: Sendable {
  /// The words by field.
  let words: [SelectionField: [String]]

  /// Gathers the words of a subject; what it does not have stays empty.
  ///
  /// - `family`: the family of the law, which is one of its tags.
  /// - `claims`: words for what the part claims, such as `causal`.
  /// - `verdicts`: words for what the last report says, as `Verdict.selectionWords`; empty if
  ///   there is none.
  public init(
    kind: Kind, part: String, law: String? = nil, code: String? = nil, tags: [LawTag] = [],
    family: Family? = nil, dtype: String? = nil, claims: [String] = [], verdicts: [String] = []
  ) {
    var tagWords = tags.map(\.rawValue)
    if let family, !tagWords.contains(family.rawValue) { tagWords.append(family.rawValue) }
    words = [
      .kind: [kind.rawValue], .part: [part], .law: law.map { [$0] } ?? [],
      .code: code.map { [$0] } ?? [], .tag: tagWords, .dtype: dtype.map { [$0] } ?? [],
      .claim: claims, .verdict: verdicts,
    ]
  }

  /// Gathers the words of a test that judges no cell: its suite stands for the part, its name for
  /// the law.
  public init(test name: String, suite: String, tags: [String]) {
    words = [.part: [suite], .law: [name], .tag: tags]
  }

  /// Gathers the words of a cell.
  public init(_ cell: Cell, claims: [String] = [], verdicts: [String] = []) {
    self.init(
      kind: cell.kind, part: cell.part, law: cell.law.name, code: cell.law.code,
      tags: cell.law.tags, family: cell.law.family, dtype: cell.dtype, claims: claims,
      verdicts: verdicts)
  }
}

/// The fields that a selection may name before a colon.
enum SelectionField: String, CaseIterable, Sendable {
  case kind, part, law, code, tag, dtype, claim, verdict

  /// Those in which a word without a field matches a piece of the text.
  static let withinWithoutField: [SelectionField] = [.kind, .part, .law]
  /// Those in which a word without a field matches the whole text only.
  static let wholeWithoutField: [SelectionField] = [.code, .tag, .dtype]
}
