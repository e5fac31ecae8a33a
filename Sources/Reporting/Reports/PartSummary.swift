internal import Catalogue

/// The counts of one part, which a report shows in one line.
struct PartSummary {
  let suite: String
  let passed: Int
  let failed: Int
  let known: Int
  let notRun: Int
  let missing: Int
  /// The reasons why laws do not apply, with their counts, the most common first.
  let notApplicable: [(reason: String, count: Int)]
  let cells: [CellResult]

  init(suite: String, cells: [CellResult]) {
    self.suite = suite
    self.cells = cells
    var counts: [String: Int] = [:]
    var passed = 0
    var failed = 0
    var known = 0
    var notRun = 0
    var missing = 0
    for cell in cells {
      switch cell.verdict {
      case .passed: passed += 1
      case .failed: failed += 1
      case .known: known += 1
      case .notRun: notRun += 1
      case .missing: missing += 1
      case .notApplicable(let reason): counts[reason, default: 0] += 1
      }
    }
    self.passed = passed
    self.failed = failed
    self.known = known
    self.notRun = notRun
    self.missing = missing
    notApplicable = counts.map { (reason: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
  }

  /// Whether the part claims no definition, so that laws without one are all that judged it.
  private var isUnproven: Bool {
    let compared = cells.filter { $0.code == LawID.oracle.code }
    return !compared.isEmpty
      && compared.allSatisfy { $0.verdict == .notApplicable(reason: Verdict.noDefinition) }
  }

  /// The cells whose law applies.
  var applicable: Int { passed + failed + known + notRun + missing }

  /// For example `37 of 37 applicable passed, 12 not applicable: no masks (6), not causal (6)`.
  var line: String {
    var text = isUnproven ? "unproven: " : ""
    text += "\(passed) of \(applicable) applicable passed"
    for (count, word) in [
      (failed, "failed"), (known, "known to fail"), (notRun, "not run"), (missing, "missing"),
    ] where count > 0 {
      text += ", \(count) \(word)"
    }
    let skipped = notApplicable.reduce(0) { $0 + $1.count }
    if skipped > 0 {
      text += ", \(skipped) not applicable: "
      text += notApplicable.map { "\($0.reason) (\($0.count))" }.joined(separator: ", ")
    }
    return text
  }

  /// The summaries of a report's parts, in the report's order.
  static func all(of report: Report) -> [PartSummary] {
    var order: [String] = []
    var cells: [String: [CellResult]] = [:]
    for cell in report.cells {
      if cells[cell.suite] == nil { order.append(cell.suite) }
      cells[cell.suite, default: []].append(cell)
    }
    return order.map { PartSummary(suite: $0, cells: cells[$0] ?? []) }
  }
}
