internal import Foundation
internal import Subprocess
internal import Support
internal import Synchronization
internal import SystemPackage

/// Runs the ranks of a training on this machine, each a process of the same program.
///
/// They meet in a file of their own, so that trainings at the same time never meet, and share the
/// cores. Of what they write, rank 0's is passed on, and the errors of another if it fails.
public struct LocalLauncher: Sendable {
  private let program: String
  private let arguments: [String]
  private let size: Int
  private let patience: Duration
  private let kills: @Sendable () -> Int?

  /// Describes ranks of a program.
  ///
  /// - Parameter patience: how long a rank may go on after another has stopped, and again after it gets
  ///   SIGTERM.
  public init(
    _ program: String, _ arguments: [String], size: Int, patience: Duration = .seconds(5)
  ) {
    self.init(program, arguments, size: size, patience: patience, kills: Self.kills)
  }

  /// - Parameter kills: how many processes the kernel has killed for their memory; nil if unknown.
  init(
    _ program: String, _ arguments: [String], size: Int, patience: Duration = .seconds(5),
    kills: @escaping @Sendable () -> Int?
  ) {
    self.kills = kills
    self.program = program
    self.arguments = arguments
    self.size = size
    self.patience = patience
  }

  /// How all ranks ended.
  public enum Outcome: Equatable, Sendable {
    /// Every rank came to its end.
    case finished
    /// They stopped early, and another run can resume.
    case stopped
    /// One failed, and the others were stopped.
    ///
    /// - `status`: its exit status, if it exited.
    /// - `lines`: what became of it, and its last errors if they were not passed on.
    case failed(status: Int32?, lines: [String])
  }

  /// How many processes the kernel of this machine has killed for their memory.
  private static func kills() -> Int? {
    let text = try? String(contentsOfFile: "/proc/vmstat", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
    return line.flatMap { Int($0.dropFirst("oom_kill ".count)) }
  }

  /// The status with which a rank says that it stopped early, or lost another rank.
  static let stopped: Int32 = 75

  private enum Event: Sendable {
    case ended(Ending)
    case outOfPatience
    case secondSignal
  }

  private struct Ending: Sendable {
    let rank: Int
    let status: TerminationStatus
    let errors: String
  }

  /// The processes that get the signals which this one gets.
  private final class Running: Sendable {
    private let state = Mutex<(processes: [Int: pid_t], signals: [Int32])>(([:], []))

    /// Adds a process, or removes one that has ended.
    func set(_ rank: Int, to process: pid_t?) {
      state.withLock { state in
        state.processes[rank] = process
        if let process { for number in state.signals { kill(process, number) } }
      }
    }

    func send(_ number: Int32) {
      state.withLock { state in
        state.signals.append(number)
        for process in state.processes.values { kill(process, number) }
      }
    }

    func wereSent(_ number: Int32) -> Bool { state.withLock { $0.signals.contains(number) } }
  }

  /// Runs the ranks until all have ended.
  ///
  /// SIGINT, SIGTERM, SIGUSR1 and SIGUSR2 are passed on to the ranks, which are to stop at the same
  /// step and exit with 75; a second SIGINT or SIGTERM ends them. They do not outlive this process.
  ///
  /// - Throws: ``ArenaError`` if the program cannot be started.
  public func run() async throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "zoo-ranks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    // Nobody writes to it; its readers see its end when this process ends, in whatever way.
    let lifeline = try FileDescriptor.pipe()
    for end in [lifeline.readEnd, lifeline.writeEnd] {
      _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC)
    }
    defer {
      try? lifeline.readEnd.close()
      try? lifeline.writeEnd.close()
    }
    let running = Running()
    let numbers = AsyncStream { stream in
      let stop = onSignals([SIGINT, SIGTERM, SIGUSR1, SIGUSR2]) { stream.yield($0) }
      // One that came before there were ranks.
      if let early = StopSignal.received { stream.yield(early) }
      stream.onTermination = { _ in stop?() }
    }
    let killed = kills()
    return try await withThrowingTaskGroup(of: Event.self) { tasks in
      for rank in 0..<size {
        let configuration = configuration(rank, meeting: folder.appending(path: "meeting").path)
        tasks.addTask {
          defer { running.set(rank, to: nil) }
          return .ended(
            try await Self.run(configuration, rank, lifeline.readEnd) {
              running.set(rank, to: $0)
            })
        }
      }
      tasks.addTask {
        var first: ContinuousClock.Instant?
        for await number in numbers {
          if number == SIGINT || number == SIGTERM {
            // Whoever sends a signal to a group of processes may send it to this one twice.
            if let first, .now - first > .seconds(1) { break }
            first = first ?? .now
          }
          running.send(number)
        }
        return .secondSignal
      }
      defer { tasks.cancelAll() }
      return try await outcome(&tasks, wereSent: running.wereSent, killed: killed)
    }
  }

  /// Waits for all ranks, and stops the others when one fails.
  private func outcome(
    _ tasks: inout ThrowingTaskGroup<Event, any Error>, wereSent: (Int32) -> Bool, killed: Int?
  ) async throws -> Outcome {
    var left = Set(0..<size)
    var (isStopped, isStopping) = (false, false)
    var failure: Outcome?
    while !left.isEmpty, let event = try await tasks.next() {
      switch event {
      case .ended(let ending):
        left.remove(ending.rank)
        guard !isStopping else { continue }
        // A signal may reach a rank before it is ready for it.
        let hasStopped =
          switch ending.status {
          case .exited(let status): status == Self.stopped
          case .signaled(let number): wereSent(number)
          }
        if ending.status == .exited(0) || hasStopped && isStopped { continue }
        isStopped = hasStopped
        if hasStopped {
          // If it lost another rank, that one's end is still to come.
          tasks.addTask { [patience] in
            try? await Task.sleep(for: patience)
            return .outOfPatience
          }
        } else {
          failure = failed(ending, killed: killed)
          isStopping = true
          tasks.cancelAll()
        }
      case .outOfPatience where !isStopping:
        let names = left.sorted().map(String.init).joined(separator: ", ")
        failure = .failed(
          status: nil,
          lines: [
            "rank \(names) of \(size) did not stop within \(patience) of the others, and was ended"
          ])
        fallthrough
      case .secondSignal where !isStopping:
        (isStopped, isStopping) = (true, true)
        tasks.cancelAll()
      default: continue
      }
    }
    return failure ?? (isStopped ? .stopped : .finished)
  }

  private func failed(_ ending: Ending, killed: Int?) -> Outcome {
    let name = "rank \(ending.rank) of \(size)"
    let errors = ending.errors.split(separator: "\n").map { "rank \(ending.rank): \($0)" }
    return switch ending.status {
    case .exited(let status):
      .failed(status: status, lines: errors + ["\(name) exited with status \(status)"])
    case .signaled(let number):
      .failed(
        status: nil,
        lines: errors + [
          "\(name) was ended by signal \(number), \(String(cString: strsignal(number)))"
            + (number == SIGKILL ? reasonForKill(since: killed) : "")
        ])
    }
  }

  private func reasonForKill(since before: Int?) -> String {
    let advice = "a smaller batch_size or a larger gradient_accumulation takes less"
    guard let before, let now = kills() else {
      return ", perhaps because memory ran out: \(advice)"
    }
    return now > before ? ": the kernel ended it because memory ran out; \(advice)" : ""
  }

  private func configuration(_ rank: Int, meeting: String) -> Configuration {
    var options = PlatformOptions()
    // A group of its own, so that Ctrl-C reaches it only through this process.
    options.processGroupID = 0
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: patience)]
    let threads = max(1, ProcessInfo.processInfo.activeProcessorCount / size)
    var variables: [Environment.Key: String] = [
      "RANK": "\(rank)", "WORLD_SIZE": "\(size)", "LOCAL_RANK": "\(rank)",
      Environment.Key(stringLiteral: RankEnvironment.meetingVariable): meeting,
    ]
    if ProcessInfo.processInfo.environment["OMP_NUM_THREADS"] == nil {
      variables["OMP_NUM_THREADS"] = "\(threads)"
    }
    return Configuration(
      executable: .path(FilePath(program)), arguments: Arguments(arguments),
      environment: .inherit.updating(variables), platformOptions: options)
  }

  private static func run(
    _ configuration: Configuration, _ rank: Int, _ lifeline: FileDescriptor,
    onStart: (pid_t) -> Void
  ) async throws -> Ending {
    let input = FileDescriptorInput.fileDescriptor(lifeline, closeAfterSpawningProcess: false)
    do {
      guard rank > 0 else {
        let result = try await Subprocess.run(
          configuration, input: input, output: .currentStandardOutput, error: .currentStandardError
        ) { onStart($0.processIdentifier.value) }
        return Ending(rank: rank, status: result.terminationStatus, errors: "")
      }
      let result = try await Subprocess.run(
        configuration, input: input, output: .discarded, error: .sequence
      ) { execution in
        onStart(execution.processIdentifier.value)
        var bytes: [UInt8] = []
        var buffers = execution.standardError.makeAsyncIterator()
        while let buffer = try? await buffers.next() {
          bytes = (bytes + buffer.withUnsafeBytes(Array.init)).suffix(4_000)
        }
        return String(decoding: bytes, as: UTF8.self)
      }
      return Ending(rank: rank, status: result.terminationStatus, errors: result.closureResult)
    } catch let error as SubprocessError {
      throw ArenaError("\(configuration.executable) cannot be run: \(error)")
    }
  }

  /// Ends this process, a rank, when its launcher ends, and removes the file in which they met.
  static func endWithLauncher(meeting: String) {
    let watch = Thread {
      var byte: UInt8 = 0
      while read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR {}
      try? FileManager.default.removeItem(atPath: folder(of: meeting))
      _exit(1)
    }
    watch.start()
  }
}
