internal import Conformance
internal import Reporting
internal import Synchronization

/// Shows progress: on a terminal in one line that is overwritten, elsewhere in a line for each part
/// and each failure.
final class Progress: Sendable {
  private struct State {
    var done = 0
    var failed = 0
    var left: [String: Int]
    var failedOf: [String: Int] = [:]
    var lastShown: ContinuousClock.Instant?
  }

  private let total: Int
  private let console: Console
  private let isQuiet: Bool
  private let state: Mutex<State>

  /// Starts counting.
  init(_ cells: [Cell], console: Console, isQuiet: Bool) {
    total = cells.count
    self.console = console
    self.isQuiet = isQuiet
    var left: [String: Int] = [:]
    for cell in cells { left[cell.suite, default: 0] += 1 }
    state = Mutex(State(left: left))
  }

  /// Counts a verdict.
  func ended(_ result: CellResult) {
    state.withLock { state in
      state.done += 1
      state.left[result.suite, default: 0] -= 1
      if result.verdict.isFailure {
        state.failed += 1
        state.failedOf[result.suite, default: 0] += 1
        write("✗ \(firstLine(of: result))")
      }
      if console.isTerminal {
        show(&state, result)
      } else if state.left[result.suite] == 0 {
        let failed = state.failedOf[result.suite] ?? 0
        write(
          "[\(state.done)/\(total)] \(result.suite)" + (failed > 0 ? ": \(failed) failed" : ""))
      }
    }
  }

  /// Clears the line.
  func finish() {
    if console.isTerminal, !isQuiet { console.errors("\r\u{1B}[K") }
  }

  private func show(_ state: inout State, _ result: CellResult) {
    let now = ContinuousClock.now
    if let last = state.lastShown, now - last < .milliseconds(100), state.done < total { return }
    state.lastShown = now
    let failed = state.failed > 0 ? ", \(state.failed) failed" : ""
    if !isQuiet { console.errors("\r\u{1B}[K[\(state.done)/\(total)] \(result.path)\(failed)") }
  }

  private func write(_ line: String) {
    guard !isQuiet else { return }
    console.errors((console.isTerminal ? "\r\u{1B}[K" : "") + line + "\n")
  }

  private func firstLine(of result: CellResult) -> String {
    var text = result.path
    if case .failed(let kind) = result.verdict { text += ": \(kind.rawValue)" }
    return text
  }
}
