internal import Foundation
internal import Synchronization

/// Signals on which a training finishes its step, saves and stops: SIGINT, SIGTERM, SIGUSR1, SIGUSR2.
public enum StopSignal {
  /// The signal that came, if one did.
  public static var received: Int32? {
    let number = first.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// The name of a signal, such as `SIGTERM`.
  public static func name(_ number: Int32) -> String { names[number] ?? "signal \(number)" }

  /// Listens from now on. A second SIGINT, more than a second after the first signal, ends the process
  /// at once.
  public static func listen() {
    for number in names.keys {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let (isFirst, _) = first.compareExchange(
          expected: 0, desired: number, ordering: .relaxed)
        if isFirst {
          time.store(now.tv_sec, ordering: .relaxed)
        } else if number == SIGINT, now.tv_sec > time.load(ordering: .relaxed) + 1 {
          _exit(128 + number)
        }
      }
      action.sa_flags = SA_RESTART
      sigaction(number, &action, nil)
    }
  }

  /// Forgets what came.
  static func reset() { first.store(0, ordering: .relaxed) }

  private static let names: [Int32: String] = [
    SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2",
  ]
}

// A handler may touch nothing else.
private let first = Atomic<Int32>(0)
private let time = Atomic<Int>(0)
