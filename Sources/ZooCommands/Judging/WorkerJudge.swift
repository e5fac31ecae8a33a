internal import Catalogue
internal import Conformance
internal import Foundation
internal import Reporting

/// Judges in a process of its own, which is started again when a cell brings it down.
///
/// One process judges one cell at a time: a crash is blamed on that cell alone, and what a law
/// counts, such as the bytes that tensors hold, is not disturbed by another.
final class WorkerJudge: Judge {
  private let executable: URL
  private let arguments: [String]
  private let environment: [String: String?]
  private let limit: Duration
  private var process: ChildProcess?

  /// Prepares a judge; the process starts with its first cell.
  ///
  /// - Parameters:
  ///   - arguments: what makes the program read names of cells and answer verdicts.
  ///   - limit: how long a cell may take.
  init(
    executable: URL, arguments: [String] = [WorkerCommand.name],
    environment: [String: String?], limit: Duration
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.limit = limit
  }

  func judge(_ cell: Cell) -> CellResult {
    do throws(CommandFailure) {
      let process = try running()
      process.send(cell.path)
      switch process.readLine(within: limit) {
      case .line(let line):
        if let result = try? CellResult(line: Data(line.utf8)), result.path == cell.path {
          return result
        }
        self.process = nil
        return crash(cell, "the process that judged answered what nobody asked: \(line)")
      case .ended:
        let ending = process.wait()
        let errors = process.lastErrors
        self.process = nil
        return crash(
          cell,
          "the process that judged \(ending.phrase)" + (errors.isEmpty ? "" : ":\n\(errors)"))
      case .timedOut:
        process.stop()
        self.process = nil
        let seconds = Int(limit / .seconds(1))
        return crash(cell, "no verdict came within \(seconds) s, and the process was stopped")
      }
    } catch {
      return crash(cell, error.lines.joined(separator: "\n"))
    }
  }

  private func running() throws(CommandFailure) -> ChildProcess {
    if let process { return process }
    // A report of the crash itself takes seconds and is longer than anybody reads.
    let quiet = ["SWIFT_BACKTRACE": "enable=no"]
    let started = try ChildProcess(
      executable.path, arguments,
      environment: environment.merging(quiet) { given, _ in given }, hasInput: true,
      output: .piped, errors: .piped)
    process = started
    return started
  }

  private func crash(_ cell: Cell, _ message: String) -> CellResult {
    let words =
      "kind:\(cell.kind.rawValue) and part:\(cell.part) and law:\(cell.law.name) "
      + "and dtype:\(cell.dtype)"
    let variables = ["ZOO_FAULT", "ZOO_PROFILE", "ZOO_SEED", "ZOO_TRIALS"].compactMap { name in
      environment[name].flatMap { $0 }.map { "\(name)=\($0) " }
    }
    return CellResult(
      cell, .failed(.crash),
      failure: Failure(
        reproduce: variables.joined() + "zoo check -k '\(words)'", message: message))
  }
}
