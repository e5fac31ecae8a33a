internal import Conformance
internal import Dispatch
internal import Foundation
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
    if mustListen { listen(to: [SIGINT, SIGTERM]) }
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

  /// A signal source of Dispatch would miss some: it reads pending signals, and any thread that does
  /// not block them, such as the one in which Subprocess waits for children, can take them first.
  private func listen(to numbers: [Int32]) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    signalPipe = ends[1]
    let source = DispatchSource.makeReadSource(fileDescriptor: ends[0], queue: .global())
    source.setEventHandler { [self] in
      var number: UInt8 = 0
      // The handler keeps the source, for as long as the process lives.
      withExtendedLifetime(source) { _ = read(ends[0], &number, 1) }
      came(Int32(number))
    }
    source.resume()
    for number in numbers {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { signal in
        let code = errno
        var number = UInt8(truncatingIfNeeded: signal)
        _ = write(signalPipe, &number, 1)
        errno = code
      }
      action.sa_flags = SA_RESTART
      sigaction(number, &action, nil)
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

/// Where the handler of signals writes their numbers; set before there is a handler.
nonisolated(unsafe) private var signalPipe: Int32 = -1
