internal import Foundation
internal import Synchronization

/// Where a command writes: results to one place, errors and progress to another.
struct Console: Sendable {
  /// Takes text of results.
  let output: @Sendable (String) -> Void
  /// Takes text of errors and progress.
  let errors: @Sendable (String) -> Void
  /// Whether a line of progress can be written over.
  let isTerminal: Bool
  /// Whether results may have colours.
  let hasColors: Bool
  /// The columns that a table may take.
  let width: Int

  /// The two streams of the process.
  static let standard: Console = {
    let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    let environment = ProcessInfo.processInfo.environment
    return Console(
      output: { FileHandle.standardOutput.write(Data($0.utf8)) },
      errors: { FileHandle.standardError.write(Data($0.utf8)) },
      isTerminal: isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb",
      hasColors: outputIsTerminal && environment["NO_COLOR"] == nil,
      width: outputIsTerminal ? terminalWidth ?? 100 : 100)
  }()

  private static var terminalWidth: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes a result; a line ends after it.
  func print(_ text: String) { output(text.hasSuffix("\n") ? text : text + "\n") }

  /// Writes what is wrong.
  func error(_ text: String) { errors("error: \(text)\n") }

  /// Writes what a reader should know beside the result.
  func note(_ text: String) { errors(text.hasSuffix("\n") ? text : text + "\n") }
}

/// Keeps what commands write, for tests.
final class ConsoleRecord: Sendable {
  private let texts = Mutex((output: "", errors: ""))

  /// What was written as results.
  var output: String { texts.withLock { $0.output } }
  /// What was written as errors and progress.
  var errors: String { texts.withLock { $0.errors } }

  /// A console that writes here.
  var console: Console {
    Console(
      output: { text in self.texts.withLock { $0.output += text } },
      errors: { text in self.texts.withLock { $0.errors += text } },
      isTerminal: false, hasColors: false, width: 100)
  }
}
