internal import Conformance
internal import Dispatch
internal import Foundation
internal import Reporting
internal import Synchronization

/// Ctrl-C, and a polite request to end, while a command can still say what it has done.
final class Interruption: Sendable {
  private let first = Mutex<(signal: Int32, time: ContinuousClock.Instant)?>(nil)

  /// The signal that came, if one did.
  var signal: Int32? { first.withLock { $0?.signal } }

  /// Runs work that SIGINT and SIGTERM cancel. Another signal, more than a second later, ends the
  /// process at once.
  ///
  /// - Throws: what the work throws, or `CommandFailure` in the place of a `CancellationError`.
  func cancelling<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let task = Task { try await work() }
    let sources = [SIGINT, SIGTERM].map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        task.cancel()
        let isImpatient = first.withLock { first in
          if let first { return ContinuousClock.now - first.time > .seconds(1) }
          first = (number, .now)
          return false
        }
        guard isImpatient else { return }
        Foundation.signal(number, SIG_DFL)
        kill(getpid(), number)
      }
      // The source sees the signal, and the process does not end.
      Foundation.signal(number, SIG_IGN)
      source.resume()
      return (number, source)
    }
    defer {
      for (number, source) in sources {
        source.cancel()
        Foundation.signal(number, SIG_DFL)
      }
    }
    do {
      return try await task.value
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
}
