internal import Catalogue
internal import Conformance
internal import JSON
internal import Reporting
internal import Torch

/// The outcome of one recorded case.
struct ComparedCase {
  /// The file.
  let file: String
  /// What was recorded, once the file was read.
  private(set) var title: String?
  /// How its values compare; nil if it could not be read or run.
  private(set) var comparison: RecordedComparison?
  /// Why it could not be read or run.
  private(set) var problem: CommandFailure?

  /// Reads, runs and compares.
  init(_ file: String, kit: Kit, read: () throws -> RecordedFile) {
    self.file = file
    do {
      let recorded = try read()
      title = recorded.title
      comparison = try recorded.compare(kit)
    } catch {
      problem = .about(file, error)
    }
  }

  /// The verdict as one word, for other programs.
  var word: String {
    switch comparison?.verdict {
    case .matches: "matches"
    case .deviates: "deviates"
    case .differs: "differs"
    case .matchesAgainstDeclaration: "matchesAgainstDeclaration"
    case nil: "error"
    }
  }

  /// The verdict in words.
  var verdict: String {
    switch comparison?.verdict {
    case .matches: "matches"
    case .deviates(let reason): "deviates as declared: \(reason)"
    case .differs: "differs"
    case .matchesAgainstDeclaration(let reason):
      "matches, although declared to deviate: \(reason)"
    case nil: "cannot be read or run"
    }
  }

  /// The reason of a declared deviation.
  var reason: String? {
    switch comparison?.verdict {
    case .deviates(let reason), .matchesAgainstDeclaration(let reason): reason
    case .matches, .differs, nil: nil
    }
  }

  /// The exit status for this case alone.
  var status: ExitStatus {
    guard let comparison else { return .commandFailed }
    return comparison.isGood ? .success : .lawFailed
  }

  /// The tensor that deviates most, and by how much.
  var worst: String {
    guard let worst = comparison?.worst else { return "" }
    let error = worst.comparison
    return error.isEqual
      ? "\(worst.tensor): at most \(number(error.absolute)) off" : "\(worst.tensor): \(error)"
  }

  /// The recorded parameters that had no effect, if there are any.
  var dropped: String? {
    guard let keys = comparison?.dropped, !keys.isEmpty else { return nil }
    return "ignored, without effect here: \(keys.joined(separator: ", "))"
  }

  private func number(_ value: Double) -> String {
    value == 0 ? "0" : "\(Float(value))"
  }

  /// The case for another program.
  var json: JSON {
    [
      "file": .string(file), "part": title.map { .string($0) } ?? .null,
      "verdict": .string(word), "reason": reason.map { .string($0) } ?? .null,
      "tensor": comparison.map { .string($0.worst.tensor) } ?? .null,
      "error": finite(comparison?.worst.comparison.absolute),
      "ofAllowed": finite(comparison?.worst.comparison.worst),
      "elements": comparison.map { .integer($0.count) } ?? .null,
      "dropped": .array((comparison?.dropped ?? []).map { .string($0) }),
      "problem": problem.map { .string($0.lines.joined(separator: "; ")) } ?? .null,
    ]
  }

  /// JSON has no infinite numbers: null stands for what is infinitely far off.
  private func finite(_ value: Double?) -> JSON {
    guard let value, value.isFinite else { return .null }
    return .number(value)
  }
}

/// The outcomes of recorded cases.
struct ComparedCases {
  let rows: [ComparedCase]

  /// The exit status of the command.
  var status: ExitStatus { .combined(rows.map(\.status)) }

  private func count(_ word: String) -> Int { rows.count { $0.word == word } }

  private var totals: String {
    var text =
      "\(rows.count) \(rows.count == 1 ? "case" : "cases"): \(count("matches")) match, \(count("deviates")) deviate as declared, "
      + "\(count("differs")) differ"
    let undeclared = count("matchesAgainstDeclaration")
    if undeclared > 0 { text += ", \(undeclared) match although declared to deviate" }
    let errors = count("error")
    if errors > 0 { text += ", \(errors) cannot be read or run" }
    return text
  }

  private var table: Table {
    var table = Table(["case", "part", "verdict", "largest deviation"])
    table.rows = rows.map { [$0.file, $0.title ?? "", $0.verdict, $0.worst] }
    return table
  }

  /// A line for each case, and the totals.
  var text: String {
    rows.map { row in
      var line = "\(row.file): \(row.verdict)"
      if row.status != .success, row.comparison != nil { line += "\n  \(row.worst)" }
      if let dropped = row.dropped { line += "\n  \(dropped)" }
      return line
    }.joined(separator: "\n") + "\n\n" + totals
  }

  /// A table and the totals.
  var markdown: String { table.markdown + "\n\n" + totals + "." }

  /// The cases and the totals for another program.
  var json: JSON {
    [
      "format": 1,
      "totals": [
        "cases": .integer(rows.count), "matches": .integer(count("matches")),
        "deviates": .integer(count("deviates")), "differs": .integer(count("differs")),
        "matchesAgainstDeclaration": .integer(count("matchesAgainstDeclaration")),
        "errors": .integer(count("error")),
      ],
      "cases": .array(rows.map(\.json)),
    ]
  }
}
