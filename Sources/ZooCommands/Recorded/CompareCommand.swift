internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import JSON
internal import Torch

/// Compares parts with recorded values.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Run recorded cases and compare the results.",
    discussion: """
      Each case matches, deviates as declared, or differs. A case that differs, and one that \
      matches although the part declares a deviation, make the command fail with 2; a case that \
      cannot be read or run, with 1.
      """)

  @Argument(help: ArgumentHelp("The cases, safetensors files.", valueName: "case"))
  var files: [String]
  @OptionGroup var options: CaseOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let session = Session.current
    let kit = try Session.usableKit()
    let config = try options.givenConfig()
    let rows = files.map { file in
      ComparedCase(file, kit: kit) { try options.read(file, config: config, kit) }
    }
    for row in rows { if let problem = row.problem { session.console.error(problem.lines[0]) } }
    let report = ComparedCases(rows: rows)
    let text =
      switch format.format {
      case .text: report.text
      case .json: try report.json.text(.pretty)
      case .markdown: report.markdown
      }
    session.console.print(text)
    try CommandFailure.check(report.status)
  }
}
