internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import Foundation
internal import Parts
internal import Reporting
internal import Support

/// Selects cells by an expression.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: [.customShort("k"), .customLong("select")],
    help: ArgumentHelp(
      "Select by an expression; several must all hold.",
      discussion: """
        Words are joined by 'and', 'or', 'not' and parentheses. A word matches any piece of the \
        name of a kind, part or law, or a whole tag or dtype; the code of a law selects that law \
        alone. * stands for any characters; kind:, part:, law:, code:, tag:, dtype:, claim: and \
        verdict: restrict a word to one field.
        """, valueName: "expr"))
  var expressions: [String] = []

  /// All expressions as one; nil if there are none.
  var expression: String? {
    expressions.count > 1
      ? expressions.map { "(\($0))" }.joined(separator: " and ") : expressions.first
  }

  /// The expression, or nil if everything is selected.
  func selection() throws(SelectionError) -> Selection? {
    // One by one first, so that an error shows what was typed.
    for expression in expressions { _ = try Selection(expression) }
    guard let expression else { return nil }
    return try Selection(expression)
  }

  /// The selected cells: all of them without an expression.
  ///
  /// - Throws: `SelectionError` when an expression is wrong or selects nothing.
  func cells(of kit: Kit) throws -> [Cell] {
    guard let selection = try selection() else { return kit.cells }
    return try kit.select(selection, verdicts: Self.verdicts(for: selection, kit))
  }

  /// The parts that are selected themselves or by one of their cells.
  ///
  /// - Throws: `SelectionError` when an expression is wrong or selects nothing.
  func entries(of kit: Kit) throws -> [PartEntry] {
    guard let selection = try selection() else { return kit.registry.entries }
    let words = SelectionWords(kit, verdicts: try Self.verdicts(for: selection, kit))
    let parts = kit.registry.entries.map { ($0.title, words.subject(of: $0)) }
    let cells = kit.cells.map { ($0.suite, words.subject(of: $0)) }
    let chosen = Set(try selection.select(from: parts + cells) { $0.1 }.map(\.0))
    return kit.registry.entries.filter { chosen.contains($0.title) }
  }

  /// The verdicts of the last report, if the expression asks for them and there is one.
  static func verdicts(for selection: Selection, _ kit: Kit) throws -> [String: [String]] {
    guard selection.asksForVerdicts else { return [:] }
    try Session.current.requirePackage()
    let file = kit.file(nil, default: ReportFile.name)
    guard FileManager.default.fileExists(atPath: file.path) else { return [:] }
    return try readReport(file).verdictWords
  }
}

/// The file that `check` writes and `report` reads.
enum ReportFile {
  static let name = "report.json"
}

/// The formats of a result.
enum ResultFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, markdown
}

/// The format of a result.
struct FormatOption: ParsableArguments {
  @Option(help: "The format of the result: text, json or markdown.")
  var format = ResultFormat.text
}

/// The format of a report.
struct ReportFormatOption: ParsableArguments {
  @Option(
    help: "The format of the result: text, json, markdown, junit or html.",
    transform: { word in
      guard let format = ReportFormat(rawValue: word) else {
        throw ValidationError("expected text, json, markdown, junit or html")
      }
      return format
    })
  var format = ReportFormat.text
}

/// The kind of a part by its word.
///
/// - Throws: `ValidationError` with the nearest word.
func kind(named word: String) throws -> Kind {
  if let kind = Kind(rawValue: word) { return kind }
  let known = Kind.allCases.map(\.rawValue)
  throw ValidationError(
    "there is no kind `\(word)`"
      + (nearest(word, among: known).map { ", did you mean `\($0)`?" } ?? "")
      + " (kinds: \(known.joined(separator: ", ")))")
}
