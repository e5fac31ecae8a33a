internal import Conformance
internal import Properties
internal import Reporting

/// Something that judges cells one after the other.
protocol Judge {
  /// The verdict on a cell; whatever happens is one.
  func judge(_ cell: Cell) -> CellResult
}

/// Judges in this process.
struct LocalJudge: Judge {
  let kit: Kit
  let profile: Profile
  let known: KnownFailures

  func judge(_ cell: Cell) -> CellResult {
    do {
      return try kit.judge(cell, profile: profile, known: known)
    } catch {
      return CellResult(cell, .failed(.crash), failure: Failure(message: "\(error)"))
    }
  }
}
