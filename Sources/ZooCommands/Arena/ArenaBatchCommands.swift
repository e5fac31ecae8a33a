internal import ArgumentParser
internal import Foundation
internal import JSON
internal import LongRangeArena
internal import Reporting

/// Shows how far trainings are.
struct ArenaStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how far trainings are.",
    discussion: """
      Reads the files of the trainings of `lra submit` and `lra run`, and asks squeue and scontrol \
      where they are installed; no accounting is needed. The last lines of errors follow for each \
      submitted training that failed.
      """)

  @OptionGroup var folder: BatchFolder
  @Option(help: "How many lines of errors are shown for each failed process.") var lines = 30
  @OptionGroup var format: FormatOption

  func validate() throws {
    if lines < 0 { throw ValidationError("--lines is \(lines), expected at least 0") }
  }

  func run() async throws {
    let all = try await RunStatus.all(in: folder.path, lines: lines)
    var table = Table(["attention", "task", "point", "job", "state", "step", ""])
    table.rows = all.map { status in
      [
        status.entry.attention, status.entry.task, status.point, status.job ?? "",
        status.state.rawValue, "\(status.step)", status.reason,
      ]
    }
    let complaints = all.filter { !$0.complaints.isEmpty }.map { status in
      let title = "\(status.entry.attention) on \(status.entry.task)"
      let name = status.point.isEmpty ? title : "\(title), \(status.point)"
      return (name, status.complaints.joined(separator: "\n"))
    }
    let text =
      switch format.format {
      case .json: try JSON.array(all.map(\.json)).text(.pretty)
      case .text:
        ([table.text] + complaints.map { "\($0):\n\($1)" }).joined(separator: "\n\n")
      case .markdown:
        ([table.markdown] + complaints.map { "\($0):\n\n```\n\($1)\n```" })
          .joined(separator: "\n\n")
      }
    Session.current.console.print(text)
  }
}

/// Shows the results of trainings.
struct ArenaFetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Show the results of trainings beside published ones.",
    discussion: """
      Accuracies on the test split in percent: of the point of a grid that is best on the dev split, \
      and the mean and standard deviation if it has several seeds, with the steps and the data. JSON \
      has all that each training says about itself.
      """)

  /// The formats of the table.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, markdown, html
  }

  @OptionGroup var folder: BatchFolder
  @Option(help: "The format of the result: text, json, markdown or html.") var format = Format.text

  func run() throws {
    let console = Session.current.console
    let (results, problems) = try ArenaResult.all(in: folder.path)
    for problem in problems { console.error(problem) }
    let expected = try ArenaResult.expected(in: folder.path)
    guard !results.isEmpty || !expected.isEmpty || !problems.isEmpty else {
      throw CommandFailure(.nothingSelected, "\(folder.path) has neither results nor trainings")
    }
    let table = ResultTable(results, expected: expected)
    var rows = Table(table.headings)
    rows.rows = table.rows
    let text: String =
      switch format {
      case .json: try table.json.text(.pretty)
      case .text: ([rows.text] + table.notes).joined(separator: "\n")
      case .markdown:
        rows.markdown + "\n\n" + table.notes.map { "- \($0)" }.joined(separator: "\n")
      case .html: page(rows, table.notes)
      }
    console.print(text)
    try CommandFailure.check(problems.isEmpty ? .success : .stale)
  }

  private func page(_ table: Table, _ notes: [String]) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\(markupEscaped($0))</\(tag)>" }.joined() + "</tr>"
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <title>Long Range Arena</title>
      <style>
      body { font: 15px/1.5 system-ui, sans-serif; margin: 2em }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums }
      th, td { padding: .15em .6em; border: 1px solid #8884; text-align: right }
      td:first-child, td:nth-child(2) { text-align: left }
      </style>
      </head>
      <body>
      <h1>Long Range Arena</h1>
      <table>
      \(([row(table.headings, "th")] + table.rows.map { row($0, "td") }).joined(separator: "\n"))
      </table>
      <ul>
      \(notes.map { "<li>\(markupEscaped($0))</li>" }.joined(separator: "\n"))
      </ul>
      </body>
      </html>
      """
  }
}
