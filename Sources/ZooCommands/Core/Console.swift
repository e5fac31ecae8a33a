internal import Foundation
internal import Synchronization

/// Where a command writes: results to one place, errors and progress to another.
struct Console: Sendable {
  /// Takes the bytes of results.
  let output: @Sendable (Data) -> Void
  /// Takes the text of errors and progress.
  let errors: @Sendable (String) -> Void
  /// Why something could not be written, if so; nothing if its reader has just gone away.
  var problem: @Sendable () -> String? = { nil }
  /// Whether a line of progress can be written over.
  let isTerminal: Bool
  /// Whether results may have colours.
  let hasColors: Bool
  /// The columns that a table may take.
  let width: Int

  /// The two streams of the process.
  static let standard: Console = {
    let output = StandardStream(STDOUT_FILENO, "standard output")
    let errors = StandardStream(STDERR_FILENO, "standard error")
    let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    let environment = ProcessInfo.processInfo.environment
    return Console(
      output: { output.write($0) }, errors: { errors.write(Data($0.utf8)) },
      problem: { output.problem ?? errors.problem },
      isTerminal: isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb",
      hasColors: outputIsTerminal && environment["NO_COLOR"] == nil,
      width: outputIsTerminal ? terminalWidth ?? 100 : 100)
  }()

  private static var terminalWidth: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes a result and ends its line.
  func print(_ text: String) { output(Data((text.hasSuffix("\n") ? text : text + "\n").utf8)) }

  /// Writes what is wrong.
  func error(_ text: String) { errors("error: \(text)\n") }

  /// Writes what a reader should know beside the result.
  func note(_ text: String) { errors(text.hasSuffix("\n") ? text : text + "\n") }
}

/// Standard output or standard error, which may be full or closed.
///
/// The command goes on after a write that failed, since what it does beside writing still counts;
/// the failure decides what the process returns.
final class StandardStream: Sendable {
  private let descriptor: Int32
  private let name: String
  private let failure: Mutex<Int32?>

  init(_ descriptor: Int32, _ name: String) {
    self.descriptor = descriptor
    self.name = name
    // If the stream was closed when the process started, the runtime may have taken its number for
    // something that is no file of any kind.
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != 0
    failure = Mutex(isFile ? nil : EBADF)
  }

  /// Why something could not be written. A reader that has read enough is no problem.
  var problem: String? {
    guard let number = failure.withLock({ $0 }), number != EPIPE else { return nil }
    return "\(name) cannot be written: \(String(cString: strerror(number)))"
  }

  func write(_ data: Data) {
    failure.withLock { failure in
      guard failure == nil else { return }
      var rest = data[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        if count >= 0 {
          rest = rest.dropFirst(count)
        } else if errno == EAGAIN {
          var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&wait, 1, -1)
        } else if errno != EINTR {
          failure = errno
          return
        }
      }
    }
  }

  /// Takes the places of streams that were closed when the process started: a file that is opened
  /// later would get the number of one, and what is meant for the stream would end up in the file.
  static func holdPlaces() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) == -1 {
      // The first free number, which is this one. Writing to it fails, as it should.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}

/// Keeps what commands write, for tests.
final class ConsoleRecord: Sendable {
  private let texts = Mutex((output: Data(), errors: ""))

  /// What was written as results.
  var output: String { texts.withLock { String(decoding: $0.output, as: UTF8.self) } }
  /// What was written as errors and progress.
  var errors: String { texts.withLock { $0.errors } }

  /// A console that writes here.
  var console: Console {
    Console(
      output: { data in self.texts.withLock { $0.output += data } },
      errors: { text in self.texts.withLock { $0.errors += text } },
      isTerminal: false, hasColors: false, width: 100)
  }
}
