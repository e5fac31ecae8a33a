/// A source file with all its faults compiled in; an environment variable turns one on.
///
/// A body with faults is written once for each fault and once unchanged:
/// `if ZooFault.isOn(0) { wrong } else { right }`. So a fault may change any statements, and while
/// none is on, the same code runs as in the package itself.
public struct FoldedFile: Sendable {
  /// The text to compile.
  public let text: String
  /// The entry that each line of the text comes from; nil for unchanged lines.
  private let owners: [FaultEntry?]

  /// How much of a file the faults reach.
  public struct Reach: Sendable, Hashable {
    /// The lines of code.
    public var lines = 0
    /// The lines of code that a fault changes.
    public var changed = 0
    /// The bodies of functions, initialisers and accessors.
    public var bodies = 0
    /// The bodies that a fault changes.
    public var faulty = 0

    /// Counts nothing yet.
    public init() {}
  }

  /// How much of this file the faults reach.
  public let reach: Reach

  /// Folds the hunks for a file into its text.
  ///
  /// - Throws: `Diagnostics` with each hunk that is not in the file, is in it more than once,
  ///   overlaps another hunk of its entry, or lies outside all bodies.
  public init(_ text: String, path: String, entries: [FaultEntry]) throws(Diagnostics) {
    let source = Source(text)
    var problems: [Diagnostic] = []
    var changes: [[Change]] = Array(repeating: [], count: source.bodies.count)
    var changedLines: Set<Int> = []
    for entry in Set(entries) {
      var own: [(change: Change, body: Int)] = []
      for hunk in entry.hunks where hunk.path == path {
        do throws(Diagnostic) {
          let (change, lines) = try source.locate(hunk, of: entry)
          if let other = own.first(where: { $0.change.range.overlaps(change.range) }) {
            throw entry.problem(
              "this hunk overlaps the one at line \(other.change.line)",
              line: hunk.line)
          }
          own.append((change, try source.body(around: change)))
          changedLines.formUnion(lines)
        } catch {
          problems.append(error)
        }
      }
      for (change, body) in own {
        // If a fault changes a body and one inside it, the outer one is written with both changes.
        let outer = source.bodies(around: source.bodies[body].range, among: own.map(\.body)).last
        changes[outer ?? body].append(change)
      }
    }
    if !problems.isEmpty { throw Diagnostics(problems) }

    let names = Set(entries.map(\.name)).sorted()
    var writer = Writer(source: source, changes: changes, names: names)
    writer.write(0..<source.bytes.count, outside: nil)
    writer.add(Self.switches(names), nil)
    (self.text, owners) = writer.finished

    var reach = Reach()
    reach.lines = source.codeLines.count
    reach.changed = changedLines.intersection(source.codeLines).count
    for (body, own) in zip(source.bodies, changes) {
      guard case .statements = body.kind else { continue }
      reach.bodies += 1
      if !own.isEmpty { reach.faulty += 1 }
    }
    self.reach = reach
  }

  /// The entry that a line of the folded text belongs to, counted from 1; nil for unchanged lines.
  public func entry(atLine line: Int) -> FaultEntry? {
    owners.indices.contains(line - 1) ? owners[line - 1] : nil
  }

  /// Reads once which fault of the file is on, and creates a file when the wrong lines run, which
  /// shows that they were reached.
  private static func switches(_ names: [String]) -> String {
    let cases = names.enumerated().map { "    case \"\($1)\": \($0)" }.joined(separator: "\n")
    return """

      #if canImport(Glibc)
        private import Glibc
      #elseif canImport(Musl)
        private import Musl
      #else
        private import Darwin
      #endif

      private enum ZooFault {
        static let number = switch getenv("ZOO_FAULT").map({ String(cString: $0) }) {
      \(cases)
          default: -1
        }
        static let mark: Void = {
          if let path = getenv("ZOO_FAULT_REACHED"), let file = fopen(path, "a") { fclose(file) }
        }()
        static func isOn(_ number: Int) -> Bool {
          guard self.number == number else { return false }
          mark
          return true
        }
      }

      """
  }
}

/// What a fault does to the bytes of a file.
private struct Change {
  let entry: FaultEntry
  /// The line of the faults file where its hunk begins.
  let line: Int
  /// The bytes to replace, as few as possible.
  let range: Range<Int>
  let wrong: [UInt8]
}

/// A source file, and the bodies in it.
private struct Source {
  let bytes: [UInt8]
  let bodies: [Body]
  let lines: [String]
  private let starts: [Int]

  init(_ text: String) {
    bytes = Array(text.utf8)
    bodies = Body.all(in: bytes)
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    starts = lines.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.utf8.count + 1) }
  }

  /// The indices of the lines of code.
  var codeLines: Set<Int> {
    var lexer = Lexer(bytes)
    var found: Set<Int> = []
    while let token = lexer.nextCode() { found.formUnion(token.line - 1..<token.lastLine) }
    return found
  }

  /// Finds the lines of a hunk, and narrows the change to the bytes that differ.
  func locate(_ hunk: FaultEntry.Hunk, of entry: FaultEntry) throws(Diagnostic) -> (
    Change, lines: Range<Int>
  ) {
    let places = lines.indices.filter { lines[$0...].starts(with: hunk.right) }
    guard let place = places.first else { throw missing(hunk, of: entry) }
    guard places.count == 1 else {
      let found = places.map { "\($0 + 1)" }.joined(separator: ", ")
      throw entry.problem(
        "its lines occur \(places.count) times in \(hunk.path), at lines \(found); add lines "
          + "around them", line: hunk.line)
    }
    let (head, tail) = sharedEnds(hunk.right, hunk.wrong)
    let changed = place + head..<place + hunk.right.count - tail
    let right = Array(bytes[starts[changed.lowerBound]..<starts[changed.upperBound]])
    let wrong = hunk.wrong[head..<hunk.wrong.count - tail].flatMap { Array(($0 + "\n").utf8) }
    let (before, after) = sharedEnds(right, wrong)
    let start = starts[changed.lowerBound]
    let range = start + before..<start + right.count - after
    return (
      Change(
        entry: entry, line: hunk.line, range: range,
        wrong: Array(wrong[before..<wrong.count - after])),
      changed.isEmpty ? changed.lowerBound..<changed.lowerBound + 1 : changed
    )
  }

  /// The problem of a hunk that is not in the file: the first line that differs.
  private func missing(_ hunk: FaultEntry.Hunk, of entry: FaultEntry) -> Diagnostic {
    let best = lines.indices.map { index in
      (agreeing: zip(lines[index...], hunk.right).prefix { $0 == $1 }.count, index: index)
    }.max { ($0.agreeing, $1.index) < ($1.agreeing, $0.index) }
    guard let best, best.agreeing > 0 else {
      return entry.problem(
        "\(hunk.path) has no line `\(hunk.right[0].trimmedBlanks)`", line: hunk.line)
    }
    let line = best.index + best.agreeing
    let found = line < lines.count ? "`\(lines[line].trimmedBlanks)`" : "the end of the file"
    return entry.problem(
      "expected `\(hunk.right[best.agreeing].trimmedBlanks)` at \(hunk.path):\(line + 1), "
        + "got \(found)", line: hunk.line)
  }

  /// The innermost body that contains a change.
  func body(around change: Change) throws(Diagnostic) -> Int {
    guard let body = bodies(around: change.range, among: bodies.indices).first else {
      throw change.entry.problem(
        "the change must be inside one function, initialiser or accessor, or inside the value of "
          + "one property", line: change.line)
    }
    return body
  }

  /// The candidates that contain a range, the innermost first.
  func bodies(around range: Range<Int>, among candidates: some Sequence<Int>) -> [Int] {
    candidates.filter {
      bodies[$0].range.lowerBound <= range.lowerBound
        && range.upperBound <= bodies[$0].range.upperBound
    }.sorted { bodies[$0].range.count < bodies[$1].range.count }
  }
}

/// How many elements two lists share at the start, and how many of the rest at the end.
private func sharedEnds<Element: Equatable>(
  _ a: [Element], _ b: [Element]
) -> (start: Int, end: Int) {
  let start = zip(a, b).prefix { $0 == $1 }.count
  let rest = zip(a.dropFirst(start).reversed(), b.dropFirst(start).reversed())
  return (start, rest.prefix { $0 == $1 }.count)
}

extension String {
  fileprivate var trimmedBlanks: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

/// Writes a file with its switches.
private struct Writer {
  let source: Source
  let changes: [[Change]]
  let names: [String]
  private var bytes: [UInt8] = []
  /// The entry of each finished line.
  private var owners: [FaultEntry?] = []
  private var owner: FaultEntry?

  init(source: Source, changes: [[Change]], names: [String]) {
    self.source = source
    self.changes = changes
    self.names = names
  }

  var finished: (text: String, owners: [FaultEntry?]) {
    (String(decoding: bytes, as: UTF8.self), owners + [owner])
  }

  mutating func add(_ text: some Sequence<UInt8>, _ entry: FaultEntry?) {
    for byte in text {
      if let entry { owner = entry }
      bytes.append(byte)
      if byte == Byte.newline {
        owners.append(owner)
        owner = nil
      }
    }
  }

  mutating func add(_ text: String, _ entry: FaultEntry?) { add(Array(text.utf8), entry) }

  /// Writes a range unchanged, except for the switches of the bodies in it.
  mutating func write(_ range: Range<Int>, outside outer: Int?) {
    var position = range.lowerBound
    for (index, body) in source.bodies.enumerated()
    where !changes[index].isEmpty && index != outer && position <= body.range.lowerBound
      && body.range.upperBound <= range.upperBound
    {
      add(source.bytes[position..<body.range.lowerBound], nil)
      writeSwitch(index)
      position = body.range.upperBound
    }
    add(source.bytes[position..<range.upperBound], nil)
  }

  private mutating func writeSwitch(_ index: Int) {
    let body = source.bodies[index]
    let own = Dictionary(grouping: changes[index], by: \.entry.name)
    let wrong = names.enumerated().compactMap { number, name in
      own[name].map { (number, changes: $0.sorted { $0.range.lowerBound < $1.range.lowerBound }) }
    }
    switch body.kind {
    case .initialValue:
      add(" ", nil)
      for (number, changes) in wrong {
        add("ZooFault.isOn(\(number)) ? (", nil)
        add(text(of: body, changes), changes[0].entry)
        add(") : ", nil)
      }
      add("(", nil)
      write(body.range, outside: index)
      add(")", nil)
    case .statements(let hasValue):
      add("\n", nil)
      for (number, changes) in wrong {
        add("if ZooFault.isOn(\(number)) {", changes[0].entry)
        let text = text(of: body, changes)
        add(hasValue ? withReturn(text) : text, changes[0].entry)
        add("\n} else ", changes[0].entry)
      }
      add("{", nil)
      let returns = hasValue ? implicitReturn(Array(source.bytes[body.range])) : nil
      if let returns {
        let place = body.range.lowerBound + returns
        add(source.bytes[body.range.lowerBound..<place], nil)
        add("return ", nil)
        write(place..<body.range.upperBound, outside: index)
      } else {
        write(body.range, outside: index)
      }
      add("\n}\n", nil)
    }
  }

  private func text(of body: Body, _ changes: [Change]) -> [UInt8] {
    var text: [UInt8] = []
    var position = body.range.lowerBound
    for change in changes {
      text += source.bytes[position..<change.range.lowerBound] + change.wrong
      position = change.range.upperBound
    }
    return text + source.bytes[position..<body.range.upperBound]
  }

  private func withReturn(_ text: [UInt8]) -> [UInt8] {
    guard let place = implicitReturn(text) else { return text }
    return text[..<place] + Array("return ".utf8) + text[place...]
  }

  /// Where a body of one expression needs an explicit `return`; nil for other bodies.
  private func implicitReturn(_ text: [UInt8]) -> Int? {
    var lexer = Lexer(text)
    var first: Token?
    var last: Token?
    var depth = 0
    var returns = false
    while let token = lexer.nextCode() {
      let symbol = lexer.symbol(token)
      if [Byte.closeBrace, Byte.closeParenthesis, Byte.closeBracket].contains(symbol) {
        depth -= 1
      }
      // The start of a second statement.
      if depth == 0, token.isFirstOnLine, let last, token.kind == .word || token.kind == .literal,
        endsStatement(last, lexer), !Self.continuations.contains(lexer.text(token))
      {
        return nil
      }
      if [Byte.openBrace, Byte.openParenthesis, Byte.openBracket].contains(symbol) { depth += 1 }
      if token.kind == .word, lexer.text(token) == "return" { returns = true }
      first = first ?? token
      last = token
    }
    guard let first, first.kind != .directive else { return nil }
    let word = lexer.text(first)
    if Self.statements.contains(word) { return nil }
    return ["if", "switch", "do"].contains(word) && returns ? nil : first.range.lowerBound
  }

  private func endsStatement(_ token: Token, _ lexer: borrowing Lexer) -> Bool {
    switch token.kind {
    case .word: !["try", "await", "in", "as", "is"].contains(lexer.text(token))
    case .symbol:
      [Byte.closeBrace, Byte.closeParenthesis, Byte.closeBracket].contains(lexer.symbol(token))
    default: true
    }
  }

  private static let continuations: Set<String> = ["else", "catch", "as", "is", "where", "in"]
  private static let statements: Set<String> = [
    "let", "var", "guard", "for", "while", "repeat", "defer", "return", "throw", "func", "struct",
    "class", "enum", "typealias", "break", "continue", "lazy", "@",
  ]
}
