internal import Catalogue
internal import Conformance
internal import Parts
internal import Reporting

/// The words by which parts and cells of a kit are selected.
struct SelectionWords {
  private let claims: [String: [String]]
  private let verdicts: [String: [String]]

  /// Gathers the words of a kit.
  ///
  /// - Parameter verdicts: the verdicts of the last report, by the path of a cell.
  init(_ kit: Kit, verdicts: [String: [String]]) {
    claims = Dictionary(
      kit.registry.entries.map { ($0.title, kit.claimWords($0)) }, uniquingKeysWith: { a, _ in a })
    self.verdicts = verdicts
  }

  /// The words of a part alone.
  func subject(of entry: PartEntry) -> SelectionSubject {
    SelectionSubject(kind: entry.kind, part: entry.name, claims: claims[entry.title] ?? [])
  }

  /// The words of a cell.
  func subject(of cell: Cell) -> SelectionSubject {
    SelectionSubject(
      cell, claims: claims[cell.suite] ?? [], verdicts: verdicts[cell.path] ?? [])
  }
}
