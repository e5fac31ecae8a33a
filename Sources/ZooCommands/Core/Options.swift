internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import Foundation
internal import Reporting
internal import Support

/// Chooses cells by an expression.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: [.customShort("k"), .customLong("select")],
    help: ArgumentHelp(
      "Choose by an expression.",
      discussion: """
        Words are joined by 'and', 'or', 'not' and parentheses. A word matches a piece of a kind, \
        a part or a law, or a whole code, tag or dtype; * stands for any run of letters; \
        kind:, part:, law:, code:, tag:, dtype:, claim: and verdict: restrict a word to one field.
        """, valueName: "expr"))
  var expression: String?

  /// The expression as it was read, or nil if everything is asked for.
  func selection() throws(SelectionError) -> Selection? {
    guard let expression else { return nil }
    return try Selection(expression)
  }

  /// The cells that are chosen: all of them without an expression.
  ///
  /// - Throws: `SelectionError` when an expression is wrong or chooses nothing.
  func cells(of kit: Kit) throws -> [Cell] {
    guard let selection = try selection() else { return kit.cells }
    return try kit.select(selection, verdicts: Self.verdicts(for: selection, kit))
  }

  /// The words of the last report, if the expression asks for them and there is one.
  static func verdicts(for selection: Selection, _ kit: Kit) throws -> [String: [String]] {
    let file = kit.file(nil, default: ReportFile.name)
    guard selection.asksForVerdicts, FileManager.default.fileExists(atPath: file.path) else {
      return [:]
    }
    return try readReport(file).verdictWords
  }
}

/// The file that `check` writes and `report` reads.
enum ReportFile {
  static let name = "report.json"
}

/// The forms of a result.
enum ResultFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, markdown
}

/// Chooses the form of a result.
struct FormatOption: ParsableArguments {
  @Option(help: "The form of the result: text, json or markdown.")
  var format = ResultFormat.text
}

/// Chooses the form of a report.
struct ReportFormatOption: ParsableArguments {
  @Option(
    help: "The form of the result: text, json, markdown, junit or html.",
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
