/// Why a selection selects nothing.
public enum SelectionError: Error, Equatable, CustomStringConvertible {
  /// The expression does not parse: the expression, the column from 0, and what is wrong.
  case syntax(expression: String, column: Int, message: String)
  /// A word matches nothing: the expression, the column from 0, the word, the nearest known one.
  case unknownWord(expression: String, column: Int, word: String, nearest: String?)
  /// The expression uses `verdict:`, but there is no report with verdicts.
  case noVerdicts(expression: String, column: Int)
  /// Every word matches something, but nothing matches the whole expression.
  case nothing(expression: String)

  /// What is wrong, with a caret below its place in the expression.
  public var description: String {
    switch self {
    case .syntax(let expression, let column, let message):
      caret(expression, column, message)
    case .unknownWord(let expression, let column, let word, let nearest):
      caret(
        expression, column,
        "\"\(printable(word))\" matches nothing"
          + (nearest.map { "; the nearest word is \"\(printable($0))\"" } ?? ""))
    case .noVerdicts(let expression, let column):
      caret(expression, column, "there is no last report to read verdicts from; check writes one")
    case .nothing(let expression):
      "nothing is selected: each word of \"\(printable(expression))\" matches something, "
        + "but nothing matches the whole expression"
    }
  }

  /// The exit status of a command that fails with this error.
  public var exitStatus: ExitStatus {
    if case .syntax = self { .usage } else { .nothingSelected }
  }

  private func caret(_ expression: String, _ column: Int, _ message: String) -> String {
    // One column for each character, so the caret points at the right one.
    let line = String(expression.map { printable(String($0)).count == 1 ? $0 : " " })
    return "\(line)\n\(String(repeating: " ", count: column))^ \(message)"
  }
}
