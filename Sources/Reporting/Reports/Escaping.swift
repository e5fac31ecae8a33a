/// The text with each character that could move the cursor or hide or reorder text written as
/// `\u{1B}`; can keep newlines and tabs.
package func printable(_ text: String, keepingLines: Bool = false) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    let isLayout = scalar == "\n" || scalar == "\t"
    if isUnsafe(scalar), !(isLayout && keepingLines) {
      result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

private func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F...0x9F: true  // Controls, which terminals obey.
  case 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C: true  // Lines and directions.
  case 0xFEFF: true  // The byte-order mark.
  default: scalar.value & 0xFFFE == 0xFFFE  // Not characters; invalid in XML.
  }
}

/// The text escaped for the content or a quoted attribute of XML and HTML; escapes newlines and
/// tabs in attributes, where they would become spaces.
public func markupEscaped(_ text: String, inAttribute: Bool = false) -> String {
  var result = ""
  for character in printable(text, keepingLines: true).unicodeScalars {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\n" where inAttribute: result += "&#10;"
    case "\t" where inAttribute: result += "&#9;"
    default: result.unicodeScalars.append(character)
    }
  }
  return result
}

/// The text escaped for one line of Markdown, including table cells.
///
/// A `_` inside a word is not markup; leaving it unescaped keeps part names readable and searchable.
func markdownEscaped(_ text: String) -> String {
  let characters = Array(printable(text))
  var result = ""
  for (index, character) in characters.enumerated() {
    let isInsideWord =
      index > 0 && index + 1 < characters.count && isWordLike(characters[index - 1])
      && isWordLike(characters[index + 1])
    let isMarkup = "\\`*{}[]<>#|!~&".contains(character) || (character == "_" && !isInsideWord)
    if isMarkup { result.append("\\") }
    result.append(character)
  }
  return result
}

private func isWordLike(_ character: Character) -> Bool {
  character.isLetter || character.isNumber
}

/// The text as a code block in Markdown, with a fence longer than any run of backticks in it.
func markdownFenced(_ text: String) -> String {
  var longest = 2
  var run = 0
  for character in text {
    run = character == "`" ? run + 1 : 0
    longest = max(longest, run)
  }
  let fence = String(repeating: "`", count: longest + 1)
  return "\(fence)\n\(printable(text, keepingLines: true))\n\(fence)"
}
