internal import Foundation

/// Signals that a process gets, in the place of what they do by default.
///
/// A signal source of Dispatch would miss some: it reads pending signals, and any thread that does
/// not block them, such as the one in which Subprocess waits for children, can take them first.
func signals(_ numbers: [Int32]) -> AsyncStream<Int32> {
  AsyncStream { stream in
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return stream.finish() }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    signalPipe = ends[1]
    let (readEnd, writeEnd) = (ends[0], ends[1])
    Thread.detachNewThread {
      var number: UInt8 = 0
      while true {
        let count = read(readEnd, &number, 1)
        if count == 1 { stream.yield(Int32(number)) }
        if count == 0 { break }
      }
      close(readEnd)
    }
    stream.onTermination = { _ in
      for number in numbers { signal(number, SIG_DFL) }
      close(writeEnd)
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
  }
}

/// Where the handler of signals writes their numbers; set before there is a handler.
nonisolated(unsafe) private var signalPipe: Int32 = -1
