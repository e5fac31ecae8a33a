internal import Catalogue

/// Writes a report as a self-contained page without scripts.
struct HTMLReport {
  let today: CalendarDay

  func text(of report: Report) -> String {
    let isGood = report.exitStatus == .success
    var body = [
      "<h1>Laws</h1>", "<p>\(markupEscaped(report.heading))</p>",
      "<p class=\"\(isGood ? "passed" : "failed")\">\(markupEscaped(report.totalsLine))</p>",
    ]
    if let line = report.unfinishedLine {
      body.append("<p class=\"failed\">\(markupEscaped(line))</p>")
    }
    body += ReportMatrix.all(of: report).map(table)
    if !report.cells.isEmpty { body.append("<p>\(ReportMatrix.Mark.legend).</p>") }
    let failures = FailureItem.all(of: report)
    if !failures.isEmpty {
      body.append("<h2>Failures</h2>")
      body += failures.map(failure)
    }
    let known = KnownItem.all(of: report)
    if !known.isEmpty {
      body.append("<h2>Known failures</h2>")
      body.append("<ul>\(known.map(item).joined())</ul>")
    }
    let parts = PartSummary.all(of: report)
    if !parts.isEmpty {
      body.append("<h2>Parts</h2>")
      body += parts.map(part)
    }
    return htmlPage(
      "Laws: \(report.totals.passed) passed, \(report.totals.failed) failed",
      body: body.joined(separator: "\n"))
  }

  private func table(_ matrix: ReportMatrix) -> String {
    let heads = matrix.laws.map { law in
      "<th><abbr title=\"\(markupEscaped(law.name, inAttribute: true))\">"
        + "\(markupEscaped(law.code))</abbr></th>"
    }
    let rows = matrix.rows.map { row in
      let marks = row.marks.map { mark in
        mark.map { "<td class=\"\(style($0))\">\($0.symbol)</td>" } ?? "<td></td>"
      }
      return "<tr><td>\(markupEscaped(row.part))</td>\(marks.joined())</tr>"
    }
    return "<h2>\(markupEscaped(matrix.kind.rawValue))</h2>\n"
      + "<div class=\"scroll\"><table>\n<tr><th>part</th>\(heads.joined())</tr>\n"
      + rows.joined(separator: "\n") + "\n</table></div>"
  }

  private func style(_ mark: ReportMatrix.Mark) -> String {
    switch mark {
    case .passed: "passed"
    case .failed: "failed"
    case .known, .notRun: "known"
    case .missing: "missing"
    case .notApplicable: "none"
    }
  }

  private func failure(_ item: FailureItem) -> String {
    var text =
      "<details open><summary><span class=\"failed\">\(markupEscaped(item.kind))</span> "
      + markupEscaped(item.title)
    if !item.failure.origin.isEmpty { text += " at \(markupEscaped(item.failure.origin))" }
    text += "</summary>"
    if !item.failure.message.isEmpty { text += "<pre>\(markupEscaped(item.failure.message))</pre>" }
    if !item.failure.printed.isEmpty {
      text += "<p>Counterexample</p><pre>\(markupEscaped(item.failure.printed))</pre>"
    }
    for line in [item.failure.explain, item.shrinkLine].compactMap(\.self) {
      text += "<p>\(markupEscaped(line))</p>"
    }
    if !item.failure.reproduce.isEmpty {
      let line = markupEscaped(printable(item.failure.reproduce))
      text += "<p>Reproduce</p><pre>\(line)</pre>"
    }
    if let line = item.restLine { text += "<p>\(markupEscaped(line))</p>" }
    return text + "</details>"
  }

  private func item(_ known: KnownItem) -> String {
    let link = known.note.link
    let escaped = markupEscaped(link, inAttribute: true)
    // Only web addresses become links, never scripts.
    let isWeb = link.lowercased().hasPrefix("https://") || link.lowercased().hasPrefix("http://")
    let address = isWeb ? "<a href=\"\(escaped)\">\(escaped)</a>" : escaped
    return "<li>\(markupEscaped(known.cell.path)): \(markupEscaped(known.note.reason)) "
      + "(\(address)), \(known.term(today: today))</li>"
  }

  private func part(_ summary: PartSummary) -> String {
    let heads = [
      "law", "dtype", "verdict", "trials", "comparisons", "worst", "seconds", "coverage",
    ]
    let rows = summary.cells.map { cell in
      let coverage = cell.coverage.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      let columns = [
        "\(cell.code) \(cell.law)", cell.dtype, verdict(cell.verdict),
        cell.budget > 0 ? "\(cell.trials) of \(cell.budget)" : "",
        cell.comparisons > 0 ? "\(cell.comparisons)" : "", cell.worst.map { "\($0)" } ?? "",
        cell.seconds > 0 ? "\(cell.seconds)" : "", coverage.joined(separator: ", "),
      ]
      return "<tr>" + columns.map { "<td>\(markupEscaped($0))</td>" }.joined() + "</tr>"
    }
    return "<details><summary><b>\(markupEscaped(summary.suite))</b>: "
      + "\(markupEscaped(summary.line))</summary><div class=\"scroll\"><table>\n"
      + "<tr>\(heads.map { "<th>\($0)</th>" }.joined())</tr>\n"
      + rows.joined(separator: "\n") + "\n</table></div></details>"
  }

  private func verdict(_ verdict: Verdict) -> String {
    switch verdict {
    case .failed(let kind): "failed: \(kind.rawValue)"
    case .known(let note): "known failure until \(note.expires)"
    case .notApplicable(let reason): "not applicable: \(reason)"
    case .notRun: "not run"
    case .passed, .missing: verdict.word
    }
  }
}

/// A page in one file, without scripts, for light and dark screens.
package func htmlPage(_ title: String, body: String) -> String {
  """
  <!DOCTYPE html>
  <html lang="en">
  <head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>\(markupEscaped(title))</title>
  <style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em }
  .scroll { overflow-x: auto }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums }
  th, td { padding: .15em .45em; border: 1px solid #8884; text-align: center }
  th:first-child, td:first-child { text-align: left }
  pre { padding: .6em; background: #8881; overflow-x: auto }
  .charts { display: flex; flex-wrap: wrap; gap: 1em; margin: 1em -.5em } svg { max-width: 100% }
  .passed { color: #1a7f37 } .failed, .missing { color: #cf222e; font-weight: bold }
  .known { color: #9a6700 } .none { color: #8888 }
  </style>
  </head>
  <body>
  \(body)
  </body>
  </html>

  """
}
