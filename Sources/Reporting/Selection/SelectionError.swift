/// Why a selection selects nothing.
public enum SelectionError: Error, Equatable, CustomStringConvertible {
  /// The expression is not of the language: itself, the column from 0, and what is wrong.
  case syntax(expression: String, column: Int, message: String)
  /// A word matches nothing at all: the expression, the column from 0, the word, the nearest one.
  case unknownWord(expression: String, column: Int, word: String, nearest: String?)
  /// `verdict:` is asked, but there is no report with verdicts.
  case noVerdicts(expression: String, column: Int)
  /// Every word matches something, but nothing matches the whole.
  case nothing(expression: String)

  /// The expression with a caret under the place, and what is wrong there.
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
        + "the whole matches nothing"
    }
  }

  /// What a command that meets this error returns.
  public var exitStatus: ExitStatus {
    if case .syntax = self { .usage } else { .nothingSelected }
  }

  private func caret(_ expression: String, _ column: Int, _ message: String) -> String {
    // One column for each character, so that the caret stands where it should.
    let line = String(expression.map { printable(String($0)).count == 1 ? $0 : " " })
    return "\(line)\n\(String(repeating: " ", count: column))^ \(message)"
  }
}
