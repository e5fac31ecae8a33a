public import Catalogue

/// The words that a selection is matched with, of one cell or of one part.
public struct SelectionSubject: Sendable {
  /// The words by field.
  let words: [SelectionField: [String]]

  /// Collects the words of a subject; missing ones stay empty.
  ///
  /// - `family`: the family of the law, which is one of its tags.
  /// - `claims`: words for the part's claims, such as `causal`.
  /// - `verdicts`: words for the verdict in the last report, as `Verdict.selectionWords`; empty
  ///   without a report.
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

  /// Collects the words of a test that judges no cell: its suite serves as the part, its name as
  /// the law.
  public init(test name: String, suite: String, tags: [String]) {
    words = [.part: [suite], .law: [name], .tag: tags]
  }

  /// Collects the words of a cell.
  public init(_ cell: Cell, claims: [String] = [], verdicts: [String] = []) {
    self.init(
      kind: cell.kind, part: cell.part, law: cell.law.name, code: cell.law.code,
      tags: cell.law.tags, family: cell.law.family, dtype: cell.dtype, claims: claims,
      verdicts: verdicts)
  }
}

/// The fields allowed before a colon in a selection.
enum SelectionField: String, CaseIterable, Sendable {
  case kind, part, law, code, tag, dtype, claim, verdict

  /// The fields in which a bare word matches a substring.
  static let withinWithoutField: [SelectionField] = [.kind, .part, .law]
  /// The fields in which a bare word must match the whole text.
  static let wholeWithoutField: [SelectionField] = [.code, .tag, .dtype]
}
