internal import Foundation
internal import Subprocess
internal import SystemPackage

/// A program that this one runs beside itself.
///
/// A task that is cancelled stops the program that it waits for.
struct ChildProcess: Sendable {
  private let program: String
  private let arguments: [String]
  private let environment: [String: String?]
  private let folder: URL?

  /// Describes a program to run.
  ///
  /// - Parameters:
  ///   - program: a path, or a name that is looked up in `PATH`.
  ///   - environment: the variables that differ from those of this process; nil removes one.
  ///   - folder: where it starts; the current folder if nil.
  init(
    _ program: String, _ arguments: [String], environment: [String: String?] = [:],
    folder: URL? = nil
  ) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
    self.folder = folder
  }

  /// How it ended.
  enum Ending: Equatable, Sendable {
    case exited(Int32)
    case signal(Int32)
    /// It was stopped because it took too long.
    case timedOut

    /// The ending in words, after a subject.
    var phrase: String {
      switch self {
      case .exited(let status): "exited with status \(status)"
      case .signal(let number):
        "was ended by signal \(number), \(String(cString: strsignal(number)))"
      case .timedOut: "took too long and was stopped"
      }
    }
  }

  /// What it wrote, and how it ended.
  struct Collected: Sendable {
    let output: String
    let errors: String
    let ending: Ending
  }

  /// Runs it to its end; what it writes goes where this process writes.
  ///
  /// - Parameter outputToErrors: sends its standard output to standard error as well.
  /// - Throws: `CommandFailure` if it cannot be started, `CancellationError` if it was cancelled.
  func run(outputToErrors: Bool = false) async throws -> Ending {
    // A build and a test run stop in good order when they are asked to.
    let steps: [TeardownStep] = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
    let output = outputToErrors ? FileDescriptorOutput.currentStandardError : .currentStandardOutput
    let result = try await started {
      try await Subprocess.run(
        configuration(steps), output: output, error: .currentStandardError)
    }
    try Task.checkCancellation()
    return Ending(result.terminationStatus)
  }

  /// Runs it to its end and keeps both of its outputs.
  ///
  /// - Throws: `CommandFailure` if it cannot be started or writes more than anybody reads,
  ///   `CancellationError` if it was cancelled.
  func collect(within limit: Duration) async throws -> Collected {
    let bytes = 64 << 20
    let work = Task {
      try await Subprocess.run(
        configuration(), output: .string(limit: bytes), error: .string(limit: bytes))
    }
    let timer = Task {
      try await Task.sleep(for: limit)
      work.cancel()
    }
    let result = try await withTaskCancellationHandler {
      try await started { try await work.value }
    } onCancel: {
      work.cancel()
    }
    try Task.checkCancellation()
    return Collected(
      output: result.standardOutput, errors: result.standardError,
      ending: await timer.wasLate ? .timedOut : Ending(result.terminationStatus))
  }

  /// Starts it, has a body ask it questions, and stops it.
  ///
  /// - Returns: how it ended, if that was not by being stopped here, and the last that it wrote to
  ///   its standard error.
  /// - Throws: `CommandFailure` if it cannot be started, or what the body throws.
  func converse(
    _ body: (inout Conversation) async throws -> Void
  ) async throws -> (ending: Ending, errors: String) {
    // Writing to a process that has just ended is an error, not the end of this one.
    signal(SIGPIPE, SIG_IGN)
    // A group of its own, so that Ctrl-C reaches only this process.
    var configuration = configuration()
    configuration.platformOptions.processGroupID = 0
    let result = try await started {
      try await Subprocess.run(
        configuration, input: .inputWriter, output: .sequence, error: .sequence
      ) { execution in
        async let errors = Self.tail(of: execution.standardError)
        var conversation = Conversation(execution)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(&conversation)) } catch { outcome = .failure(error) }
        // At the end of its input it ends by itself, and can still write what it counts.
        let patience: Duration = conversation.isLate || Task.isCancelled ? .zero : .seconds(5)
        try? await execution.standardInputWriter.finish()
        let timer = Task {
          try await Task.sleep(for: patience)
          try execution.send(signal: .kill)
        }
        defer { timer.cancel() }
        return (errors: await errors, isLate: conversation.isLate, outcome: outcome)
      }
    }
    let talk = result.closureResult
    try talk.outcome.get()
    return (talk.isLate ? .timedOut : Ending(result.terminationStatus), talk.errors)
  }

  private func started<Value>(_ run: () async throws -> Value) async throws -> Value {
    do {
      return try await run()
    } catch let error as SubprocessError {
      throw CommandFailure("\(program) cannot be run: \(error.reason)")
    }
  }

  private func configuration(_ teardown: [TeardownStep] = []) -> Configuration {
    var options = PlatformOptions()
    options.teardownSequence = teardown
    return Configuration(
      executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
      arguments: Arguments(arguments),
      environment: .inherit.updating(
        Dictionary(
          uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })),
      workingDirectory: folder.map { FilePath($0.path) }, platformOptions: options)
  }

  private static func tail(of output: SubprocessOutputSequence) async -> String {
    var bytes: [UInt8] = []
    var buffers = output.makeAsyncIterator()
    while let buffer = try? await buffers.next() {
      bytes = (bytes + buffer.withUnsafeBytes(Array.init)).suffix(4_000)
    }
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// Lines sent to a process and the lines that it answers.
struct Conversation {
  private let execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>
  private var buffers: SubprocessOutputSequence.Iterator
  private var received: [UInt8] = []
  /// Whether the process was stopped because an answer took too long.
  private(set) var isLate = false

  fileprivate init(_ execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>) {
    self.execution = execution
    buffers = execution.standardOutput.makeAsyncIterator()
  }

  /// Sends a line and waits for one; nil if the process ended or was stopped for being late.
  mutating func ask(_ line: String, within limit: Duration) async -> String? {
    let timer = Task { [execution] in
      try await Task.sleep(for: limit)
      try execution.send(signal: .kill)
    }
    let answer = try? await answer(to: line)
    isLate = await timer.wasLate
    return isLate ? nil : answer
  }

  private mutating func answer(to line: String) async throws -> String? {
    _ = try await execution.standardInputWriter.write(line + "\n")
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        defer { received.removeSubrange(...end) }
        return String(decoding: received[..<end], as: UTF8.self)
      }
      guard let buffer = try await buffers.next() else { return nil }
      received += buffer.withUnsafeBytes(Array.init)
    }
  }
}

extension Task<Void, any Error> {
  /// Ends a timer; whether it had rung.
  fileprivate var wasLate: Bool {
    get async {
      cancel()
      return (try? await value) != nil
    }
  }
}

extension ChildProcess.Ending {
  fileprivate init(_ status: TerminationStatus) {
    self =
      switch status {
      case .exited(let code): .exited(code)
      case .signaled(let number): .signal(number)
      }
  }
}

extension SubprocessError {
  /// The reason, in the words of the system if there are any.
  fileprivate var reason: String {
    switch code {
    case .executableNotFound: "there is no such program"
    default: underlyingError?.description ?? description
    }
  }
}
