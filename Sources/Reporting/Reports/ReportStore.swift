public import Foundation
internal import Support
internal import Synchronization

/// The report of a run while it lasts, on disk from the first moment.
///
/// All cells start as not run and are overwritten as they end, so that a process that dies leaves
/// the truth: a cell that had begun has crashed. Each result is appended to a journal beside the report, one line, at once; the report
/// itself is rewritten at most once a second, and when the last cell has ended or ``finish()`` is
/// called. ``load(from:)`` folds the journal of a run that did not end into its report.
public final class ReportStore: Sendable {
  /// The report's file.
  public let file: URL

  private let run: RunDescription
  private let token: String
  private let state: Mutex<State>

  /// The least time between two rewrites of the report.
  private static let interval = Duration.seconds(1)

  private struct State {
    var results: [CellResult]
    /// Where each cell stands in `results`.
    let places: [String: Int]
    var isRecorded: [Bool]
    var outstanding: Int
    var journal: ReportJournal?
    var lastWritten: ContinuousClock.Instant
  }

  /// Writes a report in which no expected cell has run, over what was in the file.
  ///
  /// - Throws: ``ReportError`` if nothing is expected, a cell is expected twice, or the file cannot
  ///   be written.
  public init(file: URL, run: RunDescription, expected: [Cell]) throws(ReportError) {
    guard !expected.isEmpty else { throw .empty }
    let results = expected.map { CellResult($0, .notRun) }
    var places: [String: Int] = [:]
    for (index, cell) in expected.enumerated() {
      if places.updateValue(index, forKey: cell.path) != nil { throw .duplicate(cell.path) }
    }
    self.file = file
    self.run = run
    token = String(UInt64.random(in: .min ... .max), radix: 16)
    // The report first: a journal whose token no report names is ignored.
    try Self.write(
      Report(run: run, expectedCount: results.count, cells: results, unfinished: token), to: file)
    state = Mutex(
      State(
        results: results, places: places, isRecorded: expected.map { _ in false },
        outstanding: results.count,
        journal: try ReportJournal(creating: ReportJournal.file(of: file), token: token),
        lastWritten: .now))
  }

  static let diedInside = "the process ended while this cell ran"

  /// Notes that a cell starts, so that a crash can be blamed on it.
  public func begin(_ cell: Cell) throws(ReportError) {
    try state.withLock { (state: inout State) throws(ReportError) in
      guard state.places[cell.path] != nil else { throw .unexpected(cell.path) }
      try state.journal?.append(began: cell.path)
    }
  }

  /// Records what was found for a cell, for good.
  ///
  /// - Throws: ``ReportError`` if the cell is not expected or already has a result, or the disk
  ///   refuses.
  public func record(_ result: CellResult) throws(ReportError) {
    try state.withLock { (state: inout State) throws(ReportError) in
      guard let place = state.places[result.path] else { throw .unexpected(result.path) }
      guard !state.isRecorded[place] else { throw .duplicate(result.path) }
      state.results[place] = result
      state.isRecorded[place] = true
      state.outstanding -= 1
      try state.journal?.append(result)
      if state.outstanding == 0 {
        try end(&state)
      } else if ContinuousClock.now - state.lastWritten >= Self.interval {
        try Self.write(report(of: state, unfinished: token), to: file)
        state.lastWritten = .now
      }
    }
  }

  /// Writes the report and ends the run: cells without a result stay not run.
  @discardableResult
  public func finish() throws(ReportError) -> Report {
    try state.withLock { (state: inout State) throws(ReportError) in
      if state.journal != nil { try end(&state) }
      return try report(of: state, unfinished: nil)
    }
  }

  /// What has been found so far.
  public func current() throws(ReportError) -> Report {
    try state.withLock { (state: inout State) throws(ReportError) in
      try report(of: state, unfinished: state.journal == nil ? nil : token)
    }
  }

  /// The journal goes last: until then the run counts as one that did not end.
  private func end(_ state: inout State) throws(ReportError) {
    try Self.write(report(of: state, unfinished: nil), to: file)
    state.journal?.remove()
    state.journal = nil
  }

  private func report(
    of state: State, unfinished: String?
  ) throws(ReportError) -> Report {
    try Report(
      run: run, expectedCount: state.results.count, cells: state.results, unfinished: unfinished)
  }

  private static func write(_ report: Report, to file: URL) throws(ReportError) {
    do throws(FileError) {
      try writeFile(file.path, report.json, makingFolders: true)
    } catch {
      throw .file(error.path, error.reason)
    }
  }

  /// Reads the last report, whether its run ended or not.
  ///
  /// - Throws: ``ReportError`` if there is none or it is damaged.
  public static func load(from file: URL) throws(ReportError) -> Report {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try readFile(file.path)
    } catch {
      throw .file(
        file.path,
        fileExists(file.path) ? error.reason : "there is no report here; check writes one")
    }
    let report = try Report(json: Data(bytes))
    guard let token = report.unfinished else { return report }
    let entries = try ReportJournal.read(ReportJournal.file(of: file), token: token)
    return try report.folding(entries)
  }
}

extension Report {
  /// This report with what its journal knows: results, and which cells had only begun.
  fileprivate func folding(_ entries: [ReportJournal.Entry]) throws(ReportError) -> Report {
    var cells = cells
    let places = Dictionary(
      cells.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    var running: Set<String> = []
    for entry in entries {
      let path = entry.path
      guard let place = places[path] else { throw .unexpected(path) }
      switch entry {
      case .began: running.insert(path)
      case .ended(let result):
        cells[place] = result
        running.remove(path)
      }
    }
    for path in running {
      guard let place = places[path] else { continue }
      cells[place] = cells[place].replacing(
        verdict: .failed(.crash), failure: Failure(message: ReportStore.diedInside))
    }
    return try Report(
      run: run, expectedCount: totals.expected, cells: cells, unfinished: unfinished)
  }
}
