internal import Conformance
internal import Foundation
internal import Properties
internal import Reporting

/// Something that judges cells one after the other.
protocol Judge {
  /// Judges the cells that it is given, until there are no more or the task is cancelled.
  ///
  /// - Parameters:
  ///   - next: gives the next cell; nil after the last.
  ///   - ended: takes each verdict, before the next cell is asked for.
  /// - Throws: `CommandFailure` if it cannot judge at all, and what the two closures throw.
  func judge(_ next: () throws -> Cell?, ended: (CellResult) throws -> Void) async throws
}

/// Judges in this process.
struct LocalJudge: Judge {
  let kit: Kit
  let profile: Profile
  let known: KnownFailures

  func judge(_ next: () throws -> Cell?, ended: (CellResult) throws -> Void) async throws {
    while !Task.isCancelled, let cell = try next() {
      let result = await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: judge(cell)) }
        // Generators may nest deep.
        thread.stackSize = 16 << 20
        thread.start()
      }
      try ended(result)
    }
  }

  /// The verdict on a cell; an error is one, too.
  func judge(_ cell: Cell) -> CellResult {
    do {
      return try kit.judge(cell, profile: profile, known: known)
    } catch {
      return CellResult(cell, .failed(.crash), failure: Failure(message: "\(error)"))
    }
  }
}
