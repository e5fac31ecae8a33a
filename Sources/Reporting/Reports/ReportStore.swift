public import Foundation
internal import Support
internal import Synchronization

/// The report of a run in progress, on disk from the start.
///
/// All cells start as not run and are overwritten as they end, so the report is right even if the
/// process dies: a cell that had begun has crashed. Each result is appended to a journal next to the
/// report at once; the report itself is rewritten at most once a second, when the last cell ends,
/// and by ``finish()``. ``load(from:)`` applies the journal of a run that did not end.
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
    /// The index of each cell in `results`.
    let places: [String: Int]
    var isRecorded: [Bool]
    var outstanding: Int
    var journal: ReportJournal?
    var lastWritten: ContinuousClock.Instant
  }

  /// Writes a report in which no expected cell has run, replacing the file.
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
    // The report comes first: a journal whose token is not in the report is ignored.
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

  /// Records that a cell starts, so a crash can be blamed on it.
  public func begin(_ cell: Cell) throws(ReportError) {
    try state.withLock { (state: inout State) throws(ReportError) in
      guard state.places[cell.path] != nil else { throw .unexpected(cell.path) }
      try state.journal?.append(began: cell.path)
    }
  }

  /// Records the final result of a cell.
  ///
  /// - Throws: ``ReportError`` if the cell is not expected or already has a result, or if writing
  ///   fails.
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

  /// Writes the report and ends the run; cells without a result stay not run.
  @discardableResult
  public func finish() throws(ReportError) -> Report {
    try state.withLock { (state: inout State) throws(ReportError) in
      if state.journal != nil { try end(&state) }
      return try report(of: state, unfinished: nil)
    }
  }

  /// The report so far.
  public func current() throws(ReportError) -> Report {
    try state.withLock { (state: inout State) throws(ReportError) in
      try report(of: state, unfinished: state.journal == nil ? nil : token)
    }
  }

  /// Removes the journal last: until then the run counts as one that did not end.
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
  /// - Throws: ``ReportError`` if there is no report or it is damaged.
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
  /// This report with the journal's entries: results, and cells that had only begun.
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
