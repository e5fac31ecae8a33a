internal import Catalogue
internal import Support

/// The words, operators and parentheses of a selection, each with its column from 0.
struct SelectionToken: Equatable {
  enum Content: Equatable {
    case word(SelectionWord)
    case and, or, not, open, close
  }

  let content: Content
  let column: Int
  /// The text as typed, for messages.
  let text: String

  /// Splits a selection into its tokens.
  ///
  /// - Throws: ``SelectionError/syntax(expression:column:message:)`` at a character that is not
  ///   allowed in words, a field without a word, or an unknown field.
  static func tokens(of expression: String) throws(SelectionError) -> [SelectionToken] {
    let characters = Array(expression)
    var tokens: [SelectionToken] = []
    var position = 0
    while position < characters.count {
      let character = characters[position]
      if character.isWhitespace {
        position += 1
      } else if character == "(" || character == ")" {
        tokens.append(
          SelectionToken(
            content: character == "(" ? .open : .close, column: position, text: String(character)))
        position += 1
      } else {
        let start = position
        while position < characters.count, isPartOfWord(characters[position]) { position += 1 }
        guard position > start else {
          throw .syntax(
            expression: expression, column: start,
            message: character == ":"
              ? "expected a field before the colon: \(SelectionField.list)"
              : "\"\(printable(String(character)))\" is not allowed in a word; words consist of "
                + "letters, digits, \"_\", \"-\", \".\" and \"*\"")
        }
        let text = String(characters[start..<position])
        if position < characters.count, characters[position] == ":" {
          let field = try field(text, column: start, in: expression)
          position += 1
          let wordStart = position
          while position < characters.count, isPartOfWord(characters[position]) { position += 1 }
          guard position > wordStart else {
            throw .syntax(
              expression: expression, column: wordStart,
              message: "expected a word right after \"\(text):\"")
          }
          let word = String(characters[wordStart..<position])
          tokens.append(
            SelectionToken(
              content: .word(SelectionWord(field: field, text: word, column: start)),
              column: start, text: "\(text):\(word)"))
        } else {
          tokens.append(SelectionToken(content: content(text, start), column: start, text: text))
        }
      }
    }
    return tokens
  }

  private static func isPartOfWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_-.*".contains(character)
  }

  private static func content(_ text: String, _ column: Int) -> Content {
    switch text {
    case "and": .and
    case "or": .or
    case "not": .not
    default: .word(SelectionWord(field: nil, text: text, column: column))
    }
  }

  private static func field(
    _ text: String, column: Int, in expression: String
  ) throws(SelectionError) -> SelectionField {
    if let field = SelectionField(rawValue: text) { return field }
    let hint = nearest(text, among: SelectionField.allCases.map(\.rawValue))
    throw .syntax(
      expression: expression, column: column,
      message: "unknown field \"\(printable(text))\""
        + (hint.map { ", nearest is \"\($0)\"" } ?? "; fields are \(SelectionField.list)"))
  }
}

extension SelectionField {
  /// All fields, for messages.
  static let list = allCases.map(\.rawValue).joined(separator: ", ")
}

/// One word of a selection, with the field it applies to.
struct SelectionWord: Hashable, Sendable {
  let field: SelectionField?
  let text: String
  let column: Int
}
