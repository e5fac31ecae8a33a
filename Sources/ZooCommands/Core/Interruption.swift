internal import Conformance
internal import Foundation
internal import LongRangeArena
internal import Reporting
internal import Synchronization

/// Ctrl-C and SIGTERM, while a command can still report what it has done.
///
/// A process has one that listens.
final class Interruption: Sendable {
  private struct State {
    var first: (signal: Int32, time: ContinuousClock.Instant)?
    /// Cancels the work in hand.
    var cancel: (@Sendable () -> Void)?
    var isListening = false
  }

  private let state = Mutex(State())
  private let listens: Bool

  /// - Parameter listens: whether signals of the process count; nothing interrupts otherwise.
  init(listens: Bool) { self.listens = listens }

  /// The signal that came, if one did.
  var signal: Int32? { state.withLock { $0.first?.signal } }

  /// Runs work that SIGINT and SIGTERM cancel. Another signal, more than a second later, ends the
  /// process at once, and so does one that finds no work to cancel.
  ///
  /// - Throws: what the work throws, or `CommandFailure` in the place of a `CancellationError`.
  func cancelling<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let task = Task { try await work() }
    let mustListen = state.withLock { state in
      state.cancel = { task.cancel() }
      defer { state.isListening = true }
      return listens && !state.isListening
    }
    if mustListen { onSignals([SIGINT, SIGTERM]) { self.came($0) } }
    defer { state.withLock { $0.cancel = nil } }
    do {
      return try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
    } catch is CancellationError {
      throw failure ?? CommandFailure("the command was cancelled")
    }
  }

  /// What a command ends with after a signal; nil without one.
  var failure: CommandFailure? {
    signal.map { number in
      CommandFailure(
        number == SIGINT ? .interrupted : .terminated,
        "stopped by \(number == SIGINT ? "SIGINT" : "SIGTERM")")
    }
  }

  private func came(_ number: Int32) {
    let endsAtOnce = state.withLock { state in
      state.cancel?()
      // Whoever sends a signal to a group of processes may send it to this one twice.
      if let first = state.first { return ContinuousClock.now - first.time > .seconds(1) }
      state.first = (number, .now)
      return state.cancel == nil
    }
    if endsAtOnce { _exit(128 + number) }
  }
}
