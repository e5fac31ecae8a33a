#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Measures the work of a thread, on a machine that may be busy with other work.
struct Stopwatch {
  private let ownStart = ownTime()
  private let start = ContinuousClock.now

  /// The time since the start; nil if the thread was kept waiting for a core.
  ///
  /// The thread's own time excludes the wait, but may grow with it all the same: threads that share
  /// their work, such as those of a tensor library, spin while one of them has no core.
  var elapsed: Duration? {
    let time = ContinuousClock.now - start
    let own = Self.ownTime() - ownStart
    return time * 4 > own * 5 ? nil : own
  }

  private static func ownTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
