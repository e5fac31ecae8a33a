/// The tokens of ListOps: prefix expressions such as `[MAX 2 [SM 3 4 ] ]`.
///
/// The numbers are fixed; in the original they differed from run to run. 0 is padding, 1 to 10 are
/// the digits 0 to 9.
enum ListOps {
  static let words = [
    "", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "[MIN", "[MAX", "[MED", "[SM", "X",
  ]
  static let operators: ClosedRange<UInt8> = 11...14
  static let close: UInt8 = 15

  /// The value of an expression that is known to be whole.
  static func value(_ tokens: [UInt8]) -> Int? {
    var reading = Reading()
    for token in tokens where reading.take(token) != nil { return nil }
    return reading.value
  }

  /// What an operator makes of its arguments.
  static func apply(_ operation: UInt8, to arguments: [Int]) -> Int {
    switch words[Int(operation)] {
    case "[MIN": return arguments.min() ?? 0
    case "[MAX": return arguments.max() ?? 0
    case "[SM": return arguments.reduce(0, +) % 10
    default:
      let sorted = arguments.sorted()
      // Of an even number, the mean of the middle two, rounded down.
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
  }

  /// An expression that is read token by token, and evaluated on the way.
  struct Reading {
    private var open: [(operation: UInt8, arguments: [Int])] = []
    /// The value, once the expression is whole.
    private(set) var value: Int?

    /// Takes the next token, and returns what is wrong with it, if anything.
    mutating func take(_ token: UInt8) -> String? {
      guard value == nil else { return "the expression is already complete" }
      var result = Int(token) - 1
      if operators.contains(token) {
        open.append((token, []))
        return nil
      } else if token == close {
        guard let (operation, arguments) = open.popLast() else { return "no operator is open" }
        guard !arguments.isEmpty else { return "`\(words[Int(operation)])` has no arguments" }
        result = apply(operation, to: arguments)
      }
      if open.isEmpty { value = result } else { open[open.count - 1].arguments.append(result) }
      return nil
    }
  }

  /// The text form, a tree of applications: `( ( ( [MAX 2 ) 3 ) ] )`.
  static func text(_ tokens: [UInt8]) -> String {
    var position = 0
    func node() -> String {
      let token = tokens[position]
      position += 1
      guard operators.contains(token) else { return words[Int(token)] }
      var text = words[Int(token)]
      while tokens[position] != close { text = "( \(text) \(node()) )" }
      position += 1
      return "( \(text) ] )"
    }
    return node()
  }

  /// Reads the text form.
  ///
  /// - Parameter problem: makes an error from what is wrong and the offset where it is.
  static func tokens(_ text: [UInt8], problem: (String, Int) -> ArenaError) throws -> (
    tokens: [UInt8], value: Int
  ) {
    var reading = Reading()
    var tokens: [UInt8] = []
    var depth = 0
    var start = 0
    for end in 0...text.count where end == text.count || text[end] == UInt8(ascii: " ") {
      defer { start = end + 1 }
      guard end > start else { continue }
      let word = String(decoding: text[start..<end], as: UTF8.self)
      if word == "(" || word == ")" {
        depth += word == "(" ? 1 : -1
        guard depth >= 0 else { throw problem("`)` closes nothing", start) }
        continue
      }
      guard let token = words.firstIndex(of: word == "]" ? "X" : word) else {
        throw problem("unknown token `\(word)`", start)
      }
      if let complaint = reading.take(UInt8(token)) { throw problem(complaint, start) }
      tokens.append(UInt8(token))
    }
    guard let value = reading.value, depth == 0 else {
      throw problem("the expression is not complete", text.count)
    }
    return (tokens, value)
  }
}
