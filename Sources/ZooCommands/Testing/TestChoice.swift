internal import Catalogue
internal import Conformance
internal import Reporting

/// The tests that an expression selects, and the expression for the test program.
struct TestChoice {
  /// The selected test functions that have something to judge.
  let tests: [ListedTest]
  /// The expression by which the generated tests select their laws and types.
  let cellExpression: String?

  /// Selects by an expression: cells through the tests that judge them, other tests by their names
  /// and tags.
  ///
  /// - Throws: `SelectionError` when a word matches nothing or nothing is selected; `CommandFailure`
  ///   when no selected law applies.
  init(
    _ selection: Selection, from listed: [ListedTest], _ kit: Kit, verdicts: [String: [String]]
  ) throws {
    let words = SelectionWords(kit, verdicts: verdicts)
    let byKey = Dictionary(
      grouping: listed.filter { $0.key != nil }, by: { $0.key ?? "" })
    let cells = kit.cells.filter { byKey[Self.key(of: $0)] != nil }
    let items: [(item: Item, subject: SelectionSubject)] =
      cells.map { (.cell($0), words.subject(of: $0)) }
      + listed.filter { $0.key == nil }.map { test in
        (
          .test(test),
          SelectionSubject(
            test: test.name, suite: "\(test.module) \(test.suite)", tags: test.tags)
        )
      }
    var chosenCells: [Cell] = []
    var chosenTests: [ListedTest] = []
    for (item, _) in try selection.select(from: items, subject: \.subject) {
      switch item {
      case .cell(let cell): chosenCells.append(cell)
      case .test(let test): chosenTests.append(test)
      }
    }
    let reasons = try chosenCells.map { try kit.reasonNotToApply($0) }
    let applicable = zip(chosenCells, reasons).filter { $1 == nil }.map(\.0)
    guard !applicable.isEmpty || !chosenTests.isEmpty else {
      throw CommandFailure(
        .nothingSelected,
        "of the \(chosenCells.count) selected cells none applies: "
          + Set(reasons.compactMap(\.self)).sorted().joined(separator: ", "))
    }
    let keys = Set(applicable.map(Self.key))
    tests = chosenTests + listed.filter { $0.key.map(keys.contains) ?? false }
    cellExpression = applicable.isEmpty ? nil : Self.expression(chosenCells, selection, kit)
  }

  private enum Item {
    case cell(Cell)
    case test(ListedTest)
  }

  private static func key(of cell: Cell) -> String {
    "\(cell.suite)/\(cell.law.family.rawValue)"
  }

  /// The expression as typed if it means the same to a program that knows only cells and no last
  /// report; otherwise one that lists the cells.
  private static func expression(_ cells: [Cell], _ selection: Selection, _ kit: Kit) -> String {
    if !selection.asksForVerdicts, let same = try? kit.select(selection),
      Set(same).isSuperset(of: cells)
    {
      return selection.expression
    }
    return Dictionary(grouping: cells, by: \.suite).sorted { $0.key < $1.key }
      .compactMap { _, cells -> String? in
        guard let first = cells.first else { return nil }
        let laws = Dictionary(grouping: cells, by: \.law.name).sorted { $0.key < $1.key }
          .map { law, cells in
            "law:\(law) and (" + cells.map { "dtype:\($0.dtype)" }.joined(separator: " or ") + ")"
          }
        return "kind:\(first.kind.rawValue) and part:\(first.part) and ("
          + laws.joined(separator: " or ") + ")"
      }.joined(separator: " or ")
  }
}
