internal import Conformance
internal import Foundation
internal import Properties
internal import Reporting

/// A number of cells to be judged side by side.
struct Judging: Sendable {
  let kit: Kit
  let profile: Profile
  let known: KnownFailures
  /// The program to start for it; nil judges in this process.
  let executable: URL?
  /// More variables for that program.
  var environment: [String: String?] = [:]
  let jobs: Int
  /// How long a cell may take.
  let limit: Duration

  /// Judges cells, as many at a time as there are jobs. Cells that have no verdict yet when the
  /// task is cancelled get none.
  ///
  /// - Parameters:
  ///   - began: is called before a cell is judged, on any thread.
  ///   - ended: is called with the verdict, on any thread.
  /// - Throws: the first error; no more cells are judged after it.
  func run(
    _ cells: [Cell], began: @escaping @Sendable (Cell) throws -> Void = { _ in },
    ended: @escaping @Sendable (CellResult) throws -> Void
  ) async throws {
    let queue = CellQueue(cells)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<min(jobs, cells.count) {
        group.addTask {
          var suite: String?
          try await makeJudge().judge(
            {
              guard !Task.isCancelled, let cell = queue.next(&suite) else { return nil }
              try began(cell)
              return cell
            }, ended: ended)
        }
      }
      try await group.waitForAll()
    }
  }

  private func makeJudge() -> any Judge {
    guard let executable else { return LocalJudge(kit: kit, profile: profile, known: known) }
    return WorkerJudge(
      executable: executable, environment: profile.environment.merging(environment) { $1 },
      limit: limit)
  }
}
