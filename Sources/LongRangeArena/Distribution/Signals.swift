internal import Foundation

/// Calls a function, in a thread of its own, with each of these signals that the process gets, instead
/// of what they do by default.
///
/// A signal source of Dispatch would miss some: it reads pending signals, and any thread that does
/// not block them, such as the one in which Subprocess waits for children, can take them first.
///
/// - Returns: what brings the default back; nil if the process has no file descriptor left.
@discardableResult
package func onSignals(_ numbers: [Int32], _ handle: @escaping @Sendable (Int32) -> Void) -> (
  @Sendable () -> Void
)? {
  var ends: [Int32] = [0, 0]
  guard pipe(&ends) == 0 else { return nil }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  signalPipe = ends[1]
  let (readEnd, writeEnd) = (ends[0], ends[1])
  Thread.detachNewThread {
    var number: UInt8 = 0
    while true {
      let count = read(readEnd, &number, 1)
      if count == 1 { handle(Int32(number)) }
      if count == 0 { break }
    }
    close(readEnd)
  }
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
  return {
    for number in numbers { signal(number, SIG_DFL) }
    close(writeEnd)
  }
}

/// Where the handler of signals writes their numbers; set before there is a handler.
nonisolated(unsafe) private var signalPipe: Int32 = -1
