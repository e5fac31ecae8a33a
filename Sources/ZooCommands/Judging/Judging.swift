internal import Conformance
internal import Foundation
internal import Properties
internal import Reporting
internal import Synchronization

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

  /// Judges cells, on as many threads as there are jobs.
  ///
  /// - Parameters:
  ///   - began: told before a cell is judged, on any thread.
  ///   - ended: told of the verdict, on any thread.
  /// - Throws: the first error that one of these throws; no more cells are judged after it.
  func run(
    _ cells: [Cell], began: @escaping @Sendable (Cell) throws -> Void = { _ in },
    ended: @escaping @Sendable (CellResult) throws -> Void
  ) throws {
    signal(SIGPIPE, SIG_IGN)
    let queue = CellQueue(cells)
    let problem = ProblemBox()
    let group = DispatchGroup()
    for _ in 0..<min(jobs, max(1, cells.count)) {
      let thread = Thread {
        defer { group.leave() }
        let judge = makeJudge()
        var suite: String?
        while problem.error == nil, let cell = queue.next(&suite) {
          do {
            try began(cell)
            try ended(judge.judge(cell))
          } catch {
            problem.keep(error)
          }
        }
      }
      // Generators may nest deep.
      thread.stackSize = 16 << 20
      group.enter()
      thread.start()
    }
    group.wait()
    if let error = problem.error { throw error }
  }

  private func makeJudge() -> any Judge {
    guard let executable else { return LocalJudge(kit: kit, profile: profile, known: known) }
    return WorkerJudge(
      executable: executable, environment: profile.environment.merging(environment) { $1 },
      limit: limit)
  }
}

/// The first error that any thread met.
private final class ProblemBox: Sendable {
  private let first = Mutex<(any Error)?>(nil)

  var error: (any Error)? { first.withLock { $0 } }

  func keep(_ error: any Error) { first.withLock { $0 = $0 ?? error } }
}
