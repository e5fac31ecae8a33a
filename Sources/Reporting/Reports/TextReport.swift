internal import Catalogue

/// Writes a report for a terminal: matrices, a line per part, failures, known failures, totals.
struct TextReport {
  let today: CalendarDay
  let width: Int
  let colors: Bool

  func text(of report: Report) -> String {
    var blocks = [printable(report.heading)]
    blocks += ReportMatrix.all(of: report).flatMap(matrix)
    if !report.cells.isEmpty { blocks.append(ReportMatrix.Mark.legend) }
    blocks.append(parts(PartSummary.all(of: report)))
    let failures = FailureItem.all(of: report)
    if !failures.isEmpty {
      blocks.append("Failures")
      blocks += failures.map(failure)
    }
    let known = KnownItem.all(of: report)
    if !known.isEmpty {
      blocks.append(
        (["Known failures"]
          + known.map { item in
            "k \(printable(item.cell.path)): \(printable(item.note.reason)) "
              + "(\(printable(item.note.link))), \(item.term(today: today))"
          }).joined(separator: "\n"))
    }
    if let line = report.unfinishedLine { blocks.append(painted(line, .red)) }
    let isGood = report.exitStatus == .success
    blocks.append(painted(report.totalsLine, isGood ? .green : .red))
    return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  /// A matrix in as many pieces as the width requires; each repeats the names of the parts.
  private func matrix(_ matrix: ReportMatrix) -> [String] {
    let names = matrix.rows.map { printable($0.part) }
    let corner = matrix.kind.rawValue
    let nameWidth = ([corner] + names).map(\.count).max() ?? 0
    let codes = matrix.laws.map { printable($0.code) }
    var pieces: [String] = []
    var start = 0
    while start < codes.count {
      var end = start
      var used = nameWidth + 1
      while end < codes.count, end == start || used + codes[end].count + 1 <= width {
        used += codes[end].count + 1
        end += 1
      }
      var lines = [padded(corner, nameWidth) + " "]
      for code in codes[start..<end] { lines[0] += " " + code }
      for (row, name) in zip(matrix.rows, names) {
        var line = padded(name, nameWidth) + " "
        for column in start..<end {
          let before = (codes[column].count - 1) / 2
          let after = codes[column].count - 1 - before
          line += " " + String(repeating: " ", count: before)
          line += row.marks[column].map(symbol) ?? " "
          line += String(repeating: " ", count: after)
        }
        lines.append(line)
      }
      pieces.append(lines.map(trimmingEnd).joined(separator: "\n"))
      start = end
    }
    return pieces
  }

  private func parts(_ summaries: [PartSummary]) -> String {
    let names = summaries.map { printable($0.suite) }
    let nameWidth = names.map(\.count).max() ?? 0
    return zip(summaries, names).map { summary, name in
      let isGood = summary.failed + summary.notRun + summary.missing == 0
      return padded(name, nameWidth) + "  "
        + painted(printable(summary.line), isGood ? nil : .red)
    }.joined(separator: "\n")
  }

  private func failure(_ item: FailureItem) -> String {
    let symbol = item.kind == "missing" ? "!" : "✗"
    var head = "\(symbol) \(printable(item.title)): \(printable(item.kind))"
    if !item.failure.origin.isEmpty { head += " at \(printable(item.failure.origin))" }
    var lines = [painted(head, .red)]
    func add(_ text: String, indent: Int) {
      for line in printable(text, keepingLines: true).split(
        separator: "\n", omittingEmptySubsequences: false)
      {
        lines.append(trimmingEnd(String(repeating: " ", count: indent) + line))
      }
    }
    if !item.failure.message.isEmpty { add(item.failure.message, indent: 2) }
    if !item.failure.printed.isEmpty {
      add("counterexample:", indent: 2)
      add(item.failure.printed, indent: 4)
    }
    if let explain = item.failure.explain { add(explain, indent: 2) }
    if let line = item.shrinkLine { add(line, indent: 2) }
    if !item.failure.reproduce.isEmpty {
      // On one line, so it can be pasted.
      add("reproduce: \(printable(item.failure.reproduce))", indent: 2)
    }
    if let line = item.restLine { add(line, indent: 2) }
    return lines.joined(separator: "\n")
  }

  private enum Color: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case dim = "2"
  }

  private func symbol(_ mark: ReportMatrix.Mark) -> String {
    let color: Color =
      switch mark {
      case .passed: .green
      case .failed, .missing: .red
      case .known, .notRun: .yellow
      case .notApplicable: .dim
      }
    return painted(mark.symbol, color)
  }

  private func painted(_ text: String, _ color: Color?) -> String {
    guard colors, let color else { return text }
    return "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func trimmingEnd(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}
