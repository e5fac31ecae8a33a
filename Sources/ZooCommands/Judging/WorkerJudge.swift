internal import Catalogue
internal import Conformance
internal import Foundation
internal import Reporting

/// Judges in a process of its own, which is started again when a cell brings it down.
///
/// A process judges one cell at a time, so a crash is blamed on that cell alone, and what a law
/// counts, such as the bytes that tensors hold, is not disturbed by another.
struct WorkerJudge: Judge {
  private let process: ChildProcess
  private let again: String
  private let limit: Duration

  /// Describes a judge.
  ///
  /// - Parameters:
  ///   - arguments: makes the program read names of cells and answer verdicts.
  ///   - limit: how long a cell may take.
  init(
    executable: URL, arguments: [String] = [WorkerCommand.name],
    environment: [String: String?], limit: Duration
  ) {
    // A report of the crash itself takes seconds and is longer than anybody reads.
    let quiet = ["SWIFT_BACKTRACE": "enable=no"]
    process = ChildProcess(
      executable.path, arguments, environment: environment.merging(quiet) { given, _ in given })
    let variables = ["ZOO_PROFILE", "ZOO_SEED", "ZOO_TRIALS"].compactMap { name in
      environment[name].flatMap { $0 }.map { "\(name)=\($0) " }
    }
    again = variables.joined() + "swift run \(executable.lastPathComponent) check"
    self.limit = limit
  }

  func judge(_ next: () throws -> Cell?, ended: (CellResult) throws -> Void) async throws {
    try await judge(asking: { try next().map { Question($0) } }, ended: ended)
  }

  /// A cell to judge.
  struct Question {
    let cell: Cell
    /// What else the environment of the process holds; for a worker that makes copies of itself.
    let variables: [String: String]

    init(_ cell: Cell, variables: [String: String] = [:]) {
      self.cell = cell
      self.variables = variables
    }
  }

  /// Judges cells as above, some of them in processes with further variables.
  func judge(
    asking next: () throws -> Question?, ended: (CellResult) throws -> Void
  ) async throws {
    var waiting = try next()
    while let question = waiting {
      waiting = try await judge(from: question, next, ended)
    }
  }

  /// Judges in one process, as long as that answers; the question to go on with, if there is one.
  private func judge(
    from first: Question, _ next: () throws -> Question?, _ ended: (CellResult) throws -> Void
  ) async throws -> Question? {
    var asked: Question? = first
    var variables: [String: String] = [:]
    var stray: String?
    let (ending, errors) = try await process.converse { conversation in
      while let question = asked {
        let cell = question.cell
        var lines = [cell.path]
        if question.variables != variables {
          lines.insert(
            String(decoding: try JSONEncoder().encode(question.variables), as: UTF8.self), at: 0)
          if !variables.isEmpty { lines.insert("", at: 0) }
          variables = question.variables
        }
        guard let line = await conversation.ask(lines.joined(separator: "\n"), within: limit)
        else { return }
        guard let result = try? CellResult(line: Data(line.utf8)), result.path == cell.path else {
          stray = line
          return
        }
        try ended(result)
        asked = try Task.isCancelled ? nil : next()
      }
    }
    guard let lost = asked?.cell, !Task.isCancelled else { return nil }
    let words = errors.isEmpty ? "" : ":\n\(errors)"
    if let stray {
      try ended(failed(lost, .crash, "the process that judged answered something else: \(stray)"))
    } else if ending == .timedOut {
      let seconds = limit / .seconds(1)
      let number = seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
      try ended(failed(lost, .timedOut, "timed out: no verdict came within \(number) s\(words)"))
    } else {
      try ended(failed(lost, .crash, "the process that judged \(ending.phrase)\(words)"))
    }
    return try next()
  }

  private func failed(_ cell: Cell, _ kind: FailureKind, _ message: String) -> CellResult {
    let words =
      "kind:\(cell.kind.rawValue) and part:\(cell.part) and law:\(cell.law.name) "
      + "and dtype:\(cell.dtype)"
    return CellResult(
      cell, .failed(kind),
      failure: Failure(reproduce: "\(again) -k '\(words)'", message: message))
  }
}

extension CellResult {
  /// The same result, with the line that runs each counterexample again.
  func reproduced(by command: String) -> CellResult {
    replacing(
      failure: failure?.reproduced(path, command),
      otherFailures: otherFailures.map { $0.reproduced(path, command) })
  }
}

extension Failure {
  fileprivate func reproduced(_ path: String, _ command: String) -> Failure {
    guard !choices.isEmpty else { return self }
    var copy = self
    let request = "\(path)@\(choices)".replacing("'", with: "'\\''")
    copy.reproduce = "\(command) check --replay '\(request)'"
    return copy
  }
}
