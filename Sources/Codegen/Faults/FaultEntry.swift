/// A wrong line as data: lines of the sources, and what a fault replaces them with.
public struct FaultEntry: Sendable, Hashable {
  /// Consecutive lines of one source file, with a change.
  public struct Hunk: Sendable, Hashable {
    /// The source file, from the root of the package.
    public let path: String
    /// The lines as they are in the source file.
    public let right: [String]
    /// The lines with the fault.
    public let wrong: [String]
    /// The line of the faults file where the hunk starts.
    public let line: Int
  }

  /// The name, which turns it on.
  public let name: String
  /// Whether it is an equivalent mutant, which every law must accept.
  public let isControl: Bool
  /// What is wrong, in one sentence.
  public let wrong: String
  /// The codes of the laws that must reject it, the most direct first.
  public let laws: [String]
  /// Why no law rejects it yet; nil if a law does.
  public let survives: String?
  /// Where the mistake was seen in real code, or where the idea comes from.
  public let imitates: String?
  /// The changes.
  public let hunks: [Hunk]
  /// The faults file.
  public let path: String
  /// The line of the faults file where the entry starts.
  public let line: Int

  /// Creates an entry.
  public init(
    name: String, isControl: Bool, wrong: String, laws: [String], survives: String? = nil,
    imitates: String?, hunks: [Hunk], path: String, line: Int
  ) {
    self.name = name
    self.isControl = isControl
    self.wrong = wrong
    self.laws = laws
    self.survives = survives
    self.imitates = imitates
    self.hunks = hunks
    self.path = path
    self.line = line
  }
}

extension FaultEntry {
  /// Reads a faults file.
  ///
  /// - Throws: `Diagnostics` with every problem in it.
  public static func parse(_ text: String, path: String) throws(Diagnostics) -> [FaultEntry] {
    var parser = FaultParser(path: path)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      parser.read(line.last == "\r" ? line.dropLast() : line, index + 1)
    }
    parser.endEntry()
    if !parser.problems.isEmpty { throw Diagnostics(parser.problems) }
    return parser.entries
  }

  /// A problem for each name that an earlier entry already uses.
  public static func repetitions(among entries: [FaultEntry]) -> [Diagnostic] {
    var seen: [String: FaultEntry] = [:]
    return entries.compactMap { entry in
      guard let first = seen.updateValue(entry, forKey: entry.name) else { return nil }
      return entry.problem(
        "the name `\(entry.name)` is already used at \(first.path):\(first.line)")
    }
  }

  /// A problem of the entry, at its first line or the given one.
  func problem(_ message: String, line: Int? = nil) -> Diagnostic {
    Diagnostic(path: path, line: line ?? self.line, column: 1, "\(word) `\(name)`: \(message)")
  }

  private var word: String { isControl ? "control" : "fault" }
}

/// Reads entries line by line.
private struct FaultParser {
  struct OpenHunk {
    let path: String
    let line: Int
    var right: [String] = []
    var wrong: [String] = []
  }

  let path: String
  var entries: [FaultEntry] = []
  var problems: [Diagnostic] = []

  private var heading: (name: String, isControl: Bool, line: Int)?
  private var values: [String: String] = [:]
  private var hunks: [FaultEntry.Hunk] = []
  private var hunk: OpenHunk?

  init(path: String) { self.path = path }

  mutating func read(_ line: Substring, _ number: Int) {
    if line.hasPrefix("#") {
      if hunk != nil { endEntry() }
    } else if line.hasPrefix("fault ") || line.hasPrefix("control ") {
      endEntry()
      let words = line.split(separator: " ")
      let name = words.count == 2 ? String(words[1]) : ""
      let isName = !name.isEmpty && name.utf8.allSatisfy { $0.isWord && $0 < 0x80 }
      if !isName {
        report(number, "expected a name of letters, digits and _ after `\(words[0])`")
      }
      heading = (name, words[0] == "control", number)
    } else if line.hasPrefix("@@ ") {
      endHunk()
      if heading == nil { report(number, "expected `fault NAME` or `control NAME` before a hunk") }
      hunk = OpenHunk(path: String(line.dropFirst(3)), line: number)
    } else if hunk != nil {
      readInHunk(line, number)
    } else if !line.isEmpty {
      readHeader(line, number)
    }
  }

  private mutating func readInHunk(_ line: Substring, _ number: Int) {
    let text = String(line.dropFirst())
    switch line.first {
    case nil, " ":
      hunk?.right.append(text)
      hunk?.wrong.append(text)
    case "-": hunk?.right.append(text)
    case "+": hunk?.wrong.append(text)
    default:
      report(number, "expected a line that starts with a space, `-` or `+`, or the next entry")
    }
  }

  private mutating func readHeader(_ line: Substring, _ number: Int) {
    let known = ["wrong", "rejected by", "survives", "imitates"]
    guard heading != nil else {
      report(number, "expected `fault NAME` or `control NAME`")
      return
    }
    guard let colon = line.firstIndex(of: ":") else {
      report(
        number, "expected `@@ FILE` or one of " + known.joined(separator: ", ") + " with a colon")
      return
    }
    let key = String(line[..<colon])
    guard known.contains(key) else {
      report(number, "there is no key `\(key)`" + hint(key, among: known))
      return
    }
    let value = line[line.index(after: colon)...].drop { $0 == " " }
    if values.updateValue(String(value), forKey: key) != nil {
      report(number, "`\(key)` is given twice")
    }
  }

  private mutating func endHunk() {
    guard var open = hunk else { return }
    hunk = nil
    // Empty lines between entries are not part of a hunk.
    while open.right.last == "", open.wrong.last == "" {
      open.right.removeLast()
      open.wrong.removeLast()
    }
    if open.right.isEmpty {
      report(open.line, "a hunk needs at least one line of \(open.path)")
    } else if open.right == open.wrong {
      report(open.line, "the hunk changes nothing")
    }
    hunks.append(
      FaultEntry.Hunk(path: open.path, right: open.right, wrong: open.wrong, line: open.line))
  }

  mutating func endEntry() {
    endHunk()
    defer { (heading, values, hunks) = (nil, [:], []) }
    guard let heading else { return }
    let laws = (values["rejected by"] ?? "").split(separator: " ").map(String.init)
    let entry = FaultEntry(
      name: heading.name, isControl: heading.isControl, wrong: values["wrong"] ?? "", laws: laws,
      survives: values["survives"], imitates: values["imitates"], hunks: hunks, path: path,
      line: heading.line)
    if entry.wrong.isEmpty { problems.append(entry.problem("`wrong:` is missing")) }
    if hunks.isEmpty { problems.append(entry.problem("a hunk (`@@ FILE` and lines) is missing")) }
    let fates = [!laws.isEmpty, entry.survives != nil].count { $0 }
    if heading.isControl, fates > 0 {
      problems.append(entry.problem("every law must accept a control, so it has only `wrong:`"))
    } else if !heading.isControl, fates != 1 {
      problems.append(entry.problem("expected either `rejected by: LAWS` or `survives: WHY`"))
    }
    entries.append(entry)
  }

  private mutating func report(_ line: Int, _ message: String) {
    problems.append(Diagnostic(path: path, line: line, column: 1, message))
  }
}
