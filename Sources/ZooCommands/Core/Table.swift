internal import Reporting

/// Rows of cells under headings, for a terminal or for Markdown.
struct Table {
  let headings: [String]
  var rows: [[String]] = []

  init(_ headings: [String]) { self.headings = headings }

  /// Columns side by side, each as wide as its widest cell.
  var text: String {
    let widths = headings.indices.map { column in
      ([headings] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([headings] + rows).map { row in
      let padded = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      return trimmed(padded.joined(separator: "  "))
    }.joined(separator: "\n")
  }

  /// The rows with vertical bars.
  var markdown: String {
    let lines = [headings, headings.map { _ in "---" }] + rows
    return lines.map { "| " + $0.map(markdownCell).joined(separator: " | ") + " |" }
      .joined(separator: "\n")
  }

  /// The rows with commas; a cell that needs them has quotation marks.
  var csv: String {
    ([headings] + rows).map { row in
      row.map { cell in
        cell.contains { ",\"\n".contains($0) }
          ? "\"\(cell.replacing("\"", with: "\"\""))\"" : cell
      }.joined(separator: ",")
    }.joined(separator: "\n")
  }

  /// The rows as a table of a page.
  var html: String {
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\(markupEscaped($0))</\(tag)>" }.joined() + "</tr>"
    }
    return "<div class=\"scroll\"><table>\n\(row(headings, "th"))\n"
      + rows.map { row($0, "td") }.joined(separator: "\n") + "\n</table></div>"
  }

  private func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}

/// A text that cannot end a cell of a Markdown table or its row.
func markdownCell(_ text: String) -> String {
  text.replacing("|", with: "\\|").replacing("\n", with: " ")
}
