/// The results of one run, cell by cell; every format is written from this.
public struct Report: Sendable, Hashable {
  /// The version of the JSON form that this code reads and writes.
  public static let format = 1

  /// The circumstances of the run.
  public let run: RunDescription
  /// The counts of the verdicts.
  public let totals: ReportTotals
  /// The results, in the order of the expected cells.
  public let cells: [CellResult]
  /// The token of the journal, while the run lasts or if it did not end.
  public let unfinished: String?

  /// Collects results; an expected cell without a result is listed as missing.
  ///
  /// - Throws: ``ReportError`` if a cell has two results, or a result's cell is not expected.
  public init(run: RunDescription, expected: [Cell], results: [CellResult]) throws(ReportError) {
    var byPath: [String: CellResult] = [:]
    for result in results where byPath.updateValue(result, forKey: result.path) != nil {
      throw .duplicate(result.path)
    }
    var cells: [CellResult] = []
    cells.reserveCapacity(expected.count)
    for cell in expected {
      cells.append(byPath.removeValue(forKey: cell.path) ?? CellResult(cell, .missing))
    }
    if let stray = byPath.keys.min() { throw .unexpected(stray) }
    try self.init(run: run, expectedCount: expected.count, cells: cells, unfinished: nil)
  }

  init(
    run: RunDescription, expectedCount: Int, cells: [CellResult], unfinished: String?
  ) throws(ReportError) {
    var seen: Set<String> = []
    for cell in cells where !seen.insert(cell.path).inserted { throw .duplicate(cell.path) }
    self.run = run
    self.cells = cells
    self.unfinished = unfinished
    totals = ReportTotals(cells, expected: expectedCount)
    guard totals.missing >= 0 else {
      throw .inconsistent("\(cells.count) cells are listed, \(expectedCount) are expected")
    }
  }

  /// The exit status of the run; an empty report is not a success.
  public var exitStatus: ExitStatus {
    // Cells of which none applies are no success either.
    if totals.expected == totals.notApplicable { return .nothingSelected }
    var statuses = cells.map(\.verdict.exitStatus)
    if totals.missing > 0 { statuses.append(.lawFailed) }
    return .combined(statuses)
  }

  /// The words that `verdict:` matches, by the path of the cell.
  public var verdictWords: [String: [String]] {
    Dictionary(
      cells.map { ($0.path, $0.verdict.selectionWords) }, uniquingKeysWith: { first, _ in first })
  }
}

/// The circumstances of a run.
public struct RunDescription: Sendable, Hashable {
  /// The profile, such as `ci`.
  public var profile: String
  /// The seed from which every trial's seed is derived.
  public var seed: UInt64
  /// The selection as typed; `nil` if everything was selected.
  public var selection: String?
  /// The version of Swift.
  public var swift: String
  /// The version of libtorch.
  public var torch: String
  /// The device, such as `cpu`.
  public var device: String
  /// The hash of the parts and laws that determine the expected cells.
  public var registryHash: String
  /// The hash of each part's fixtures, by folder.
  public var fixtureHashes: [String: String]

  /// Describes a run.
  public init(
    profile: String, seed: UInt64, selection: String? = nil, swift: String, torch: String,
    device: String, registryHash: String, fixtureHashes: [String: String] = [:]
  ) {
    self.profile = profile
    self.seed = seed
    self.selection = selection
    self.swift = swift
    self.torch = torch
    self.device = device
    self.registryHash = registryHash
    self.fixtureHashes = fixtureHashes
  }
}

/// The counts of a report; `ran + notApplicable + notRun + missing == expected`.
public struct ReportTotals: Sendable, Hashable {
  /// The selected cells of the registry.
  public let expected: Int
  /// The cells that ran: passed, failed or known.
  public let ran: Int
  /// The cells that passed.
  public let passed: Int
  /// The cells that failed.
  public let failed: Int
  /// The known failures.
  public let known: Int
  /// The cells whose law needs what the part does not claim.
  public let notApplicable: Int
  /// The cells that did not run because the run was stopped.
  public let notRun: Int
  /// The cells without any result.
  public let missing: Int

  /// Counts verdicts; expected cells that are not listed are missing.
  init(_ cells: [CellResult], expected: Int) {
    var passed = 0
    var failed = 0
    var known = 0
    var notApplicable = 0
    var notRun = 0
    for cell in cells {
      switch cell.verdict {
      case .passed: passed += 1
      case .failed: failed += 1
      case .known: known += 1
      case .notApplicable: notApplicable += 1
      case .notRun: notRun += 1
      case .missing: break
      }
    }
    self.expected = expected
    self.passed = passed
    self.failed = failed
    self.known = known
    self.notApplicable = notApplicable
    self.notRun = notRun
    ran = passed + failed + known
    missing = expected - ran - notApplicable - notRun
  }
}

/// Why a report cannot be made or read.
public enum ReportError: Error, Equatable, CustomStringConvertible {
  /// Nothing is expected, so nothing can be reported.
  case empty
  /// Two results for one cell.
  case duplicate(String)
  /// A result for a cell that is not expected.
  case unexpected(String)
  /// The file cannot be read or written: its path, and why.
  case file(String, String)
  /// The text is not a report: where, and why.
  case malformed(String)
  /// The format is another version.
  case format(Int)
  /// Numbers or words that contradict each other.
  case inconsistent(String)

  /// The error as one sentence.
  public var description: String {
    switch self {
    case .empty: "no cells are expected, so there is nothing to report"
    case .duplicate(let path): "the cell \(printable(path)) is recorded twice"
    case .unexpected(let path): "the cell \(printable(path)) is recorded but was not expected"
    case .file(let path, let reason): "\(printable(path)): \(printable(reason))"
    case .malformed(let reason): "not a report: \(printable(reason))"
    case .format(let number): "the report has format \(number), expected \(Report.format)"
    case .inconsistent(let reason): "the report contradicts itself: \(printable(reason))"
    }
  }

  /// The exit status of a command that fails with this error.
  public var exitStatus: ExitStatus {
    if case .empty = self { .nothingSelected } else { .commandFailed }
  }
}
