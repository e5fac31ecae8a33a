public import Properties
public import Testing

/// Checks a property inside a test, and records one issue if it does not hold.
///
/// ```swift
/// @Test(.properties) func `sorting twice is sorting once`() {
///   checkProperty("sorting/is idempotent", .list(of: .int(0...9))) { list, _ in
///     #expect(list.sorted().sorted() == list.sorted())
///   }
/// }
/// ```
///
/// Without the trait ``PropertyTrait``, every failing run would show its issues, and none would
/// count. A passing `#expect` cannot be observed, so a run of the property that makes no comparison by its
/// ``Properties/Trial`` counts as one. The property must stay on the test's task.
///
/// - Returns: the report, for further assertions.
@discardableResult
public func checkProperty<Value: Sendable>(
  _ cell: CellID, _ generator: Gen<Value>, trials: Int = 100, examples: [Value] = [],
  profile: Profile = .current, sourceLocation: SourceLocation = #_sourceLocation,
  _ property: (Value, inout Trial) throws -> Void
) -> CellReport {
  announceSeed(of: profile)
  var cell = cell
  if let name = Test.current?.name { cell.testFilter = filter(for: name) }
  let report = check(cell, generator, trials: trials, examples: examples, profile: profile) {
    value, trial in
    try intercepted(value, &trial, property)
  }
  record(report, sourceLocation: sourceLocation)
  return report
}

/// Records one issue at a source location unless the check passed.
public func record(_ report: CellReport, sourceLocation: SourceLocation = #_sourceLocation) {
  guard !report.isPassed else { return }
  Issue.record(Comment(rawValue: report.summary), sourceLocation: sourceLocation)
}

/// A regular expression for the name of a test, such as `` `keeps its order`() ``, that needs no
/// quotes.
private func filter(for name: String) -> String {
  let word = name.split(separator: "(").first.map(String.init) ?? name
  return String(
    word.filter { $0 != "`" }.map { $0.isLetter || $0.isNumber || $0 == " " ? $0 : "." })
}

/// Runs a property once, with the issues it records turned into a failed assertion.
private func intercepted<Value>(
  _ value: Value, _ trial: inout Trial, _ property: (Value, inout Trial) throws -> Void
) throws {
  let before = trial.comparisons
  let counter = Interception.isInstalled ? IssueCounter() : nil
  try Interception.$counter.withValue(counter) {
    try property(value, &trial)
  }
  if let issue = counter?.first {
    trial.fail(label: issue.errorType.map { "throws \($0)" } ?? issue.place, issue.text)
  } else if trial.comparisons == before {
    trial.compared()
  }
}
