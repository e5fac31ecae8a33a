internal import Foundation

/// A program that this one has started.
///
/// Foundation's `Process` waits in a run loop and hands its pipes on to other children; judging
/// needs many children at once, each with its own pipes, and a limit on how long to wait for a line.
final class ChildProcess {
  /// Where one of its outputs goes.
  enum Stream {
    /// Where that of this process goes.
    case inherited
    /// To standard error.
    case errors
    /// To whoever reads lines here.
    case piped
    /// Nowhere.
    case discarded
  }

  /// How it ended.
  enum Ending: Equatable {
    case exited(Int32)
    case signal(Int32)

    /// The ending in words.
    var phrase: String {
      switch self {
      case .exited(let status): "ended with status \(status)"
      case .signal(let number):
        "was ended by signal \(number), \(String(cString: strsignal(number)))"
      }
    }
  }

  /// What came of waiting for a line.
  enum Reading: Equatable {
    case line(String)
    case ended
    case timedOut
  }

  private let identifier: pid_t
  private let input: Int32?
  private let output: Int32?
  private let errors: Int32?
  private var received: [UInt8] = []
  private var errorTail: [UInt8] = []
  private var ending: Ending?

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: a path, or a name to look for where programs are.
  ///   - environment: the variables that differ from those of this process; nil removes one.
  ///   - folder: where it starts; the current folder if nil.
  ///   - hasInput: whether lines will be sent to it; otherwise its input is empty.
  /// - Throws: `CommandFailure` when there is no such program.
  init(
    _ program: String, _ arguments: [String], environment: [String: String?] = [:],
    folder: URL? = nil, hasInput: Bool = false, output: Stream = .inherited,
    errors: Stream = .inherited
  ) throws(CommandFailure) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var childEnds: [Int32] = []
    defer { for descriptor in childEnds { close(descriptor) } }

    if hasInput {
      let ends = try makePipe()
      childEnds.append(ends.reading)
      posix_spawn_file_actions_adddup2(&actions, ends.reading, STDIN_FILENO)
      input = ends.writing
    } else {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
      input = nil
    }
    func connect(_ stream: Stream, _ target: Int32) throws(CommandFailure) -> Int32? {
      switch stream {
      case .inherited: return nil
      case .errors: posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, target)
      case .discarded:
        posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_WRONLY, 0)
      case .piped:
        let ends = try makePipe()
        childEnds.append(ends.writing)
        posix_spawn_file_actions_adddup2(&actions, ends.writing, target)
        return ends.reading
      }
      return nil
    }
    self.output = try connect(output, STDOUT_FILENO)
    self.errors = try connect(errors, STDERR_FILENO)

    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }
    let texts = variables.map { "\($0.key)=\($0.value)" }
    var started: pid_t = 0
    // There is no portable way to start a program in another folder but through a shell.
    let words =
      folder.map { ["sh", "-c", #"cd "$0" && exec "$@""#, $0.path, program] + arguments }
      ?? [program] + arguments
    let status = withCStrings(words) { arguments in
      withCStrings(texts) { environment in
        posix_spawnp(&started, words[0], &actions, nil, arguments, environment)
      }
    }
    identifier = started
    guard status == 0 else {
      ending = .exited(127)
      throw CommandFailure("\(program) cannot be started: \(String(cString: strerror(status)))")
    }
  }

  deinit {
    if ending == nil { stop() }
    for descriptor in [input, output, errors] { if let descriptor { close(descriptor) } }
  }

  /// Sends a line; one that nobody reads any more is lost.
  func send(_ line: String) {
    guard let input else { return }
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }

  /// Waits for the next line of its output.
  func readLine(within limit: Duration) -> Reading {
    let deadline = ContinuousClock.now + limit
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: received[..<end], as: UTF8.self)
        received.removeSubrange(...end)
        return .line(line)
      }
      let left = (deadline - .now) / .milliseconds(1)
      guard left > 0 else { return .timedOut }
      var waits = [pollfd(fd: output ?? -1, events: Int16(POLLIN), revents: 0)]
      if let errors { waits.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0)) }
      guard poll(&waits, nfds_t(waits.count), Int32(min(left, 60_000))) > 0 else { continue }
      if waits.count > 1, waits[1].revents != 0, let errors, let bytes = readSome(errors) {
        errorTail = (errorTail + bytes).suffix(4_000)
      }
      guard waits[0].revents != 0 else { continue }
      guard let output, let bytes = readSome(output) else { return .ended }
      received += bytes
    }
  }

  /// Reads its output to the end.
  func readAll(within limit: Duration = .seconds(600)) -> String {
    var lines: [String] = []
    while case .line(let line) = readLine(within: limit) { lines.append(line) }
    return (lines + [String(decoding: received, as: UTF8.self)]).joined(separator: "\n")
  }

  /// The last of what it wrote to its standard error, if that is piped.
  var lastErrors: String {
    while let errors {
      var wait = pollfd(fd: errors, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, 0) > 0, let bytes = readSome(errors) else { break }
      errorTail = (errorTail + bytes).suffix(4_000)
    }
    return String(decoding: errorTail, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Waits for its end.
  @discardableResult
  func wait() -> Ending {
    if let ending { return ending }
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    let found: Ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .signal(signal)
    ending = found
    return found
  }

  /// Ends it.
  func stop() {
    kill(identifier, SIGKILL)
    wait()
  }

  /// The bytes that have arrived; nil at the end.
  private func readSome(_ descriptor: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      return count > 0 ? Array(buffer[..<count]) : nil
    }
  }
}

/// A pipe that other children do not inherit.
private func makePipe() throws(CommandFailure) -> (reading: Int32, writing: Int32) {
  var ends: [Int32] = [0, 0]
  guard pipe(&ends) == 0 else {
    throw CommandFailure("a pipe cannot be made: \(String(cString: strerror(errno)))")
  }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return (ends[0], ends[1])
}

private func withCStrings<Result>(
  _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let pointers = texts.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers)
}
