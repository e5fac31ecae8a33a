internal import Catalogue

/// Writes a report as Markdown: matrices, a line per part, failures, known failures with expiry.
struct MarkdownReport {
  let today: CalendarDay

  func text(of report: Report) -> String {
    var blocks = ["# Laws", markdownEscaped(report.heading), markdownEscaped(report.totalsLine)]
    if let line = report.unfinishedLine { blocks.append("**\(markdownEscaped(line))**") }
    for matrix in ReportMatrix.all(of: report) {
      blocks.append("## \(markdownEscaped(matrix.kind.rawValue))")
      blocks.append(table(matrix))
    }
    if !report.cells.isEmpty {
      blocks.append(ReportMatrix.Mark.legend + ".")
      blocks.append("## Parts")
      blocks.append(
        PartSummary.all(of: report)
          .map { "- **\(markdownEscaped($0.suite))**: \(markdownEscaped($0.line))" }
          .joined(separator: "\n"))
    }
    let failures = FailureItem.all(of: report)
    if !failures.isEmpty {
      blocks.append("## Failures")
      blocks += failures.flatMap(failure)
    }
    let known = KnownItem.all(of: report)
    if !known.isEmpty {
      blocks.append("## Known failures")
      blocks.append(
        (["| cell | reason | link | term |", "|---|---|---|---|"]
          + known.map { item in
            "| \(markdownEscaped(item.cell.path)) | \(markdownEscaped(item.note.reason)) "
              + "| \(markdownEscaped(item.note.link)) | \(item.term(today: today)) |"
          }).joined(separator: "\n"))
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private func table(_ matrix: ReportMatrix) -> String {
    var lines = [
      "| part | " + matrix.laws.map { markdownEscaped($0.code) }.joined(separator: " | ") + " |",
      "|---|" + matrix.laws.map { _ in ":-:|" }.joined(),
    ]
    for row in matrix.rows {
      let marks = row.marks.map { $0?.symbol ?? " " }
      lines.append("| \(markdownEscaped(row.part)) | \(marks.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n")
  }

  private func failure(_ item: FailureItem) -> [String] {
    var head = "### \(markdownEscaped(item.title)): \(markdownEscaped(item.kind))"
    if !item.failure.origin.isEmpty { head += " at \(markdownEscaped(item.failure.origin))" }
    var blocks = [head]
    if !item.failure.message.isEmpty { blocks.append(markdownFenced(item.failure.message)) }
    if !item.failure.printed.isEmpty {
      blocks.append("Counterexample:")
      blocks.append(markdownFenced(item.failure.printed))
    }
    if let explain = item.failure.explain { blocks.append(markdownEscaped(explain)) }
    if let line = item.shrinkLine { blocks.append(markdownEscaped(line)) }
    if !item.failure.reproduce.isEmpty {
      blocks.append("Reproduce:")
      blocks.append(markdownFenced(printable(item.failure.reproduce)))
    }
    if let line = item.restLine { blocks.append(markdownEscaped(line)) }
    return blocks
  }
}
