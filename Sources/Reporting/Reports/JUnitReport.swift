/// Writes a report as JUnit XML: a suite for each part, a case for each cell.
///
/// JUnit has four outcomes. A cell that is not applicable, a known failure or not run is `skipped`
/// with the reason; a crash, a timeout or a missing cell is an `error`, any other failure a
/// `failure`. An incomplete report gets an extra case, which is an `error`.
struct JUnitReport {
  func text(of report: Report) -> String {
    let suites = PartSummary.all(of: report).map { Suite(summary: $0) }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuites name=\"laws\" tests=\"\(report.cells.count)\" "
        + "failures=\"\(suites.sum(\.failures))\" errors=\"\(suites.sum(\.errors))\" "
        + "skipped=\"\(suites.sum(\.skipped))\" time=\"\(milliseconds(suites.sum(\.seconds)))\">",
    ]
    for suite in suites {
      let name = markupEscaped(suite.summary.suite, inAttribute: true)
      lines.append(
        "  <testsuite name=\"\(name)\" tests=\"\(suite.summary.cells.count)\" "
          + "failures=\"\(suite.failures)\" errors=\"\(suite.errors)\" "
          + "skipped=\"\(suite.skipped)\" time=\"\(milliseconds(suite.seconds))\">")
      lines += suite.summary.cells.map { testCase($0, suite: name) }
      lines.append("  </testsuite>")
    }
    // A stopped run, a damaged report that counts cells without listing them, and an empty report
    // must be red.
    let unlisted = report.totals.missing - report.cells.count { $0.verdict == .missing }
    let problems = [(unlisted, "not listed"), (report.totals.notRun, "not run")].filter { $0.0 > 0 }
    if !problems.isEmpty || report.totals.expected == 0 {
      let message =
        problems.isEmpty
        ? report.totalsLine
        : problems.map { "\(counted($0, "cell")) \($1)" }.joined(separator: ", ")
      lines.append(
        """
          <testsuite name="report" tests="1" failures="0" errors="1" skipped="0" time="0.0">
            <testcase classname="report" name="is complete" time="0.0">
              <error type="missing" message="\(markupEscaped(message, inAttribute: true))"/>
            </testcase>
          </testsuite>
        """)
    }
    return (lines + ["</testsuites>"]).joined(separator: "\n") + "\n"
  }

  private struct Suite {
    let summary: PartSummary
    let errors: Int

    init(summary: PartSummary) {
      self.summary = summary
      errors =
        summary.missing
        + summary.cells.count { [.failed(.crash), .failed(.timedOut)].contains($0.verdict) }
    }

    var failures: Int { summary.failed + summary.missing - errors }
    var skipped: Int {
      summary.known + summary.notRun + summary.notApplicable.reduce(0) { $0 + $1.count }
    }
    var seconds: Double { summary.cells.reduce(0) { $0 + $1.seconds } }
  }

  private func testCase(_ cell: CellResult, suite: String) -> String {
    let name = markupEscaped("\(cell.law) \(cell.dtype)", inAttribute: true)
    let open =
      "    <testcase classname=\"\(suite)\" name=\"\(name)\" time=\"\(milliseconds(cell.seconds))\""
    guard let outcome = outcome(cell) else { return open + "/>" }
    return "\(open)>\n      \(outcome)\n    </testcase>"
  }

  private func outcome(_ cell: CellResult) -> String? {
    switch cell.verdict {
    case .passed: return nil
    case .notApplicable(let reason): return skipped("not applicable: \(reason)")
    case .known(let note):
      return skipped("known failure: \(note.reason) (\(note.link)), expires \(note.expires)")
    case .notRun: return skipped("not run")
    case .missing:
      return "<error type=\"missing\" message=\"expected, but not in the report\"/>"
    case .failed(let kind):
      let element = kind == .crash || kind == .timedOut ? "error" : "failure"
      let failure = cell.failure ?? Failure(message: kind.rawValue)
      let message = markupEscaped(failure.message, inAttribute: true)
      let text = ([failure] + cell.otherFailures).map(text).joined(separator: "\n\n")
      return "<\(element) type=\"\(kind.rawValue)\" message=\"\(message)\">"
        + "\(markupEscaped(text))</\(element)>"
    }
  }

  private func text(_ failure: Failure) -> String {
    var text = failure.message
    if !failure.origin.isEmpty { text += "\nat \(failure.origin)" }
    if !failure.printed.isEmpty { text += "\ncounterexample:\n\(failure.printed)" }
    if let explain = failure.explain { text += "\n\(explain)" }
    if !failure.reproduce.isEmpty { text += "\nreproduce: \(printable(failure.reproduce))" }
    return text
  }

  /// Seconds rounded to milliseconds, without the digits that summing doubles adds.
  private func milliseconds(_ seconds: Double) -> Double {
    (seconds * 1000).rounded() / 1000
  }

  private func skipped(_ message: String) -> String {
    "<skipped message=\"\(markupEscaped(message, inAttribute: true))\"/>"
  }
}

extension Sequence {
  fileprivate func sum<Number: AdditiveArithmetic>(_ number: (Element) -> Number) -> Number {
    reduce(.zero) { $0 + number($1) }
  }
}
