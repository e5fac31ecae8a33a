/// The value of a condition as far as the text alone decides it.
enum Truth: Int, Comparable {
  case no, unknown, yes

  static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  static prefix func ! (a: Self) -> Self { a == .unknown ? a : a == .yes ? .no : .yes }
}

/// The platform that this tool runs on, as `os(…)` names it.
///
/// Parts are built for the machine that builds them, so it decides `#if os(…)`.
public let hostPlatform: String = {
  #if os(Linux)
    "Linux"
  #elseif os(macOS)
    "macOS"
  #elseif os(FreeBSD)
    "FreeBSD"
  #elseif os(Windows)
    "Windows"
  #else
    ""
  #endif
}()

/// Evaluates the condition of an `#if`: `true`, `false`, `os(…)`, `!`, `&&`, `||`, parentheses.
///
/// Only the compiler knows the rest, such as compilation flags.
struct Condition {
  private let words: [String]
  private let platform: String
  private var index = 0

  /// The value of the condition made of these tokens.
  static func evaluate(_ words: [String], platform: String) -> Truth {
    // Bounds the recursion; real conditions are far shorter.
    if words.count > 200 { return .unknown }
    var condition = Condition(words: words, platform: platform)
    let value = condition.alternatives()
    return condition.index == words.count ? value : .unknown
  }

  private init(words: [String], platform: String) {
    self.words = words
    self.platform = platform
  }

  private mutating func accept(_ expected: String...) -> Bool {
    guard words[index...].starts(with: expected) else { return false }
    index += expected.count
    return true
  }

  private mutating func alternatives() -> Truth {
    var value = conjunction()
    while accept("|", "|") { value = max(value, conjunction()) }
    return value
  }

  private mutating func conjunction() -> Truth {
    var value = operand()
    while accept("&", "&") { value = min(value, operand()) }
    return value
  }

  private mutating func operand() -> Truth {
    if accept("!") { return !operand() }
    if accept("(") {
      let value = alternatives()
      return accept(")") ? value : .unknown
    }
    if accept("true") || accept("1") { return .yes }
    if accept("false") || accept("0") { return .no }
    if accept("os", "(") {
      let name = index < words.count ? words[index] : ""
      index = min(index + 1, words.count)
      let isHost = name == platform || (name == "OSX" && platform == "macOS")
      return !accept(")") || platform.isEmpty ? .unknown : isHost ? .yes : .no
    }
    skipUnknown()
    return .unknown
  }

  /// Skips a flag, or a word followed by parentheses.
  private mutating func skipUnknown() {
    guard index < words.count, words[index].utf8.first?.isWord == true else { return }
    index += 1
    guard accept("(") else { return }
    var depth = 1
    while index < words.count, depth > 0 {
      depth += words[index] == "(" ? 1 : words[index] == ")" ? -1 : 0
      index += 1
    }
  }
}
