internal import Conformance
internal import JSON
internal import LongRangeArena
internal import Parts
internal import Properties
internal import Reporting
internal import Support
internal import Torch

/// Why a command ends without a result, or with a bad one, and the exit status of the process.
struct CommandFailure: Error {
  /// The exit status of the process.
  let status: ExitStatus
  /// What is wrong, one line each.
  let lines: [String]

  /// A failure of the command itself, in one line.
  init(_ line: String) { self.init(.commandFailed, lines: [line]) }

  /// A failure in one line.
  init(_ status: ExitStatus, _ line: String) { self.init(status, lines: [line]) }

  /// A failure in several lines.
  init(_ status: ExitStatus, lines: [String]) {
    self.status = status
    self.lines = lines
  }

  /// A failure that was already described.
  init(silently status: ExitStatus) {
    self.init(status, lines: [])
  }

  /// Describes an error of the libraries; nil for errors of the command line.
  init?(describing error: any Error) {
    switch error {
    case let error as CommandFailure: self = error
    case let error as SelectionError:
      // A caret is right only if the expression begins its line.
      let text = "\(error)"
      self.init(error.exitStatus, text.contains("\n") ? "in the selection:\n\(text)" : text)
    case let error as ReportError: self.init(error.exitStatus, "\(error)")
    case let error as FixtureRefusal: self.init(error.exitStatus, "\(error)")
    case let error as FixtureProblem: self.init(error.exitStatus, "\(error)")
    case let error as KnownFailuresError:
      self.init(error.exitStatus, lines: "\(error)".split(separator: "\n").map(String.init))
    case let error as LostRank: self.init(.stopped, "\(error); running it again resumes")
    case is PartError, is KitError, is ProfileError, is JSONError, is TorchError, is StateError,
      is SafetensorsError, is CellPathError, is FileError, is ArenaError:
      self.init("\(error)")
    default: return nil
    }
  }

  /// Ends a command whose results are written, but not all good.
  static func check(_ status: ExitStatus) throws(CommandFailure) {
    if status != .success { throw CommandFailure(silently: status) }
  }
}
