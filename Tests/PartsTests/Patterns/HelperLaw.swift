import Parts
import Properties
import PropertiesTesting
import Testing
import Torch

/// Checks a statement about a helper, and that it fails for every wrong form of the helper.
///
/// Helpers are not registered parts and have no faults; the wrong forms take their place.
func checkHelper<Value: Sendable, Helper>(
  _ name: String, _ generator: Gen<Value>, _ helper: Helper, wrong: [(String, Helper)],
  sourceLocation: SourceLocation = #_sourceLocation,
  statement: (Helper, Value, inout Trial) throws -> Void
) {
  checkProperty(CellID("helpers", name), generator, trials: 64, sourceLocation: sourceLocation) {
    value, trial in
    try statement(helper, value, &trial)
  }
  for (mistake, form) in wrong {
    let report = check(
      CellID("helpers", "\(name) as \(mistake)"), generator, trials: 64, profile: Profile(.faults)
    ) { value, trial in
      try statement(form, value, &trial)
    }
    #expect(
      report.failure != nil, "\(name) is true of \(mistake)", sourceLocation: sourceLocation)
  }
}

extension Trial {
  /// Asserts that a matrix of truth values matches a relation.
  mutating func relation(
    _ pattern: Tensor, _ label: String, _ allows: (_ row: Int, _ column: Int) -> Bool
  ) throws {
    let columns = pattern.size(-1)
    let pairs = try pattern.booleans()
    let wrong = pairs.indices.first { pairs[$0] != allows($0 / columns, $0 % columns) }
    expect(
      wrong == nil && pattern.rank == 2, label: label,
      "\(label): wrong at \(wrong.map { [$0 / columns, $0 % columns] } ?? [])")
  }
}

/// The rows of a matrix of truth values as words of 0 and 1.
func words(_ pattern: [[Bool]]) -> [String] {
  pattern.map { row in String(row.map { $0 ? "1" : "0" }) }
}

/// The number of true entries in each row of a pattern.
func rowCounts(_ pattern: Tensor) throws -> [Int] {
  try pattern.to(.int64).sum(-1).integers()
}
