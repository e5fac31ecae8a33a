internal import ArgumentParser
internal import Benchmarking
internal import Conformance
internal import Foundation

/// What a process is asked to measure: a case, or the rates of the machine.
struct BenchRequest: Codable, Sendable {
  var settings: BenchSettings
  var key: BenchCase?
  var rates: MachineRates?
  /// How much more memory the process may have than it has at the beginning, in bytes.
  var memoryLimit: Int?

  /// Measures in this process.
  func answer(in kit: Kit) -> BenchAnswer {
    do {
      guard let key, let rates else {
        return BenchAnswer(rates: try MachineRates.measured(settings))
      }
      return BenchAnswer(
        measured: try CaseBenchmark(key, settings, rates).run(in: kit.registry))
    } catch {
      return BenchAnswer(problem: "\(error)")
    }
  }
}

/// What a process has measured, or why it could not.
struct BenchAnswer: Codable, Sendable {
  var measured: BenchFigures?
  var rates: MachineRates?
  var problem: String?
}

/// Measures what the line on its standard input asks for, and answers with a line.
struct BenchWorkerCommand: ParsableCommand {
  static let name = "case"

  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Measure the case on standard input; run by bench.",
    shouldDisplay: false)

  func run() throws {
    let kit = try Session.usableKit()
    let answers = WorkerCommand.takeStandardOutput()
    WorkerCommand.endWithParent()
    guard let line = readLine() else { return }
    let request = try benchDecoder().decode(BenchRequest.self, from: Data(line.utf8))
    if let limit = request.memoryLimit { ProcessMemory.limit(to: limit) }
    try answers.write(contentsOf: benchEncoder().encode(request.answer(in: kit)) + Data("\n".utf8))
  }
}

/// Measures each request in a process of its own.
struct BenchProcess: Sendable {
  let kit: Kit
  /// The program to start; nil measures in this process.
  let executable: URL?
  /// How long a request may take.
  let limit: Duration

  /// The answer; a process that crashes, or is too late, gives the reason.
  ///
  /// - Throws: `CommandFailure` if the program cannot be started, `CancellationError`.
  func answer(_ request: BenchRequest) async throws -> BenchAnswer {
    try Task.checkCancellation()
    guard let executable else { return request.answer(in: kit) }
    let child = ChildProcess(
      executable.path, [BenchCommand.name, BenchWorkerCommand.name],
      // A report of a crash takes seconds.
      environment: ["SWIFT_BACKTRACE": "enable=no"])
    let question = String(decoding: try benchEncoder().encode(request), as: UTF8.self)
    var line: String?
    let (ending, errors) = try await child.converse { conversation in
      line = await conversation.ask(question, within: limit)
    }
    try Task.checkCancellation()
    if let line {
      do { return try benchDecoder().decode(BenchAnswer.self, from: Data(line.utf8)) } catch {
        return BenchAnswer(problem: "the process answered something else: \(line)")
      }
    }
    if ending == .timedOut {
      return BenchAnswer(problem: "it took longer than \(figures(limit / .seconds(1))) s")
    }
    let words = errors.split(separator: "\n").first.map { ": \($0)" } ?? ""
    return BenchAnswer(problem: "the process \(ending.phrase)\(words)")
  }
}
