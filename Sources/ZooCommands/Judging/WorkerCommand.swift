internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import Parts
internal import Properties
internal import Reporting

/// Judges the cells named on its input, one a line, up to its end or an empty line, and answers with
/// a line for each.
///
/// With `--copies` a line of variables, a JSON object, starts a copy of the process, which has them
/// in its environment and does that. Loading libtorch takes several times as long as a copy.
struct WorkerCommand: ParsableCommand {
  static let name = "worker"
  static let copying = [name, "--copies"]

  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Judge the cells named on standard input; run by check and faults.",
    shouldDisplay: false)

  @Flag(help: "Judge in copies of the process, which lines of variables start.")
  var copies = false

  func run() throws {
    let kit = try Session.usableKit()
    let profile = try ProfileOptions.parse([]).resolved(for: kit)
    let judge = LocalJudge(kit: kit, profile: profile, known: try kit.knownFailures())
    let answers = Self.takeStandardOutput()
    Self.endWithParent()
    let laws = kit.laws.laws.map(\.id)
    while let line = Self.nextLine(), !line.isEmpty {
      let result = judge.judge(try Cell(path: line, laws: laws))
      try answers.write(contentsOf: Data((result.line + "\n").utf8))
    }
  }

  /// Standard output, for answers alone: what a part prints there goes to standard error instead.
  static func takeStandardOutput() -> FileHandle {
    let answers = FileHandle(fileDescriptor: dup(STDOUT_FILENO), closeOnDealloc: true)
    dup2(STDERR_FILENO, STDOUT_FILENO)
    return answers
  }

  /// Starts a copy of this process for each line of variables, one after the other, and returns in
  /// the copies only. Called before there is a kit, which depends on them.
  static func becomeCopy() {
    // Swift hides this function, since only the calling thread lives on in a copy. Here there is no
    // other yet.
    guard let symbol = dlsym(nil, "fork") else { return }
    let fork = unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)
    let parent = getppid()
    while let line = nextLine() {
      let copy = fork()
      if copy == 0 {
        let variables = try? JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        for (name, value) in variables ?? [:] { setenv(name, value, 1) }
        return
      }
      var status: Int32 = 0
      var ended = copy
      repeat {
        ended = waitpid(copy, &status, WNOHANG)
        if getppid() != parent { _exit(1) }
        usleep(1_000)
      } while ended == 0
      guard ended == copy else {
        perror("a copy of the process that judges")
        _exit(1)
      }
      // Ends as a copy did that was not in good order.
      if status & 0x7f != 0 {
        signal(status & 0x7f, SIG_DFL)
        kill(getpid(), status & 0x7f)
      } else if status != 0 {
        _exit(status >> 8)
      }
    }
    _exit(0)
  }

  /// Reads a line and no byte more, which would be lost to the process that reads the next one.
  private static func nextLine() -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while read(STDIN_FILENO, &byte, 1) == 1 {
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return nil
  }

  /// Ends this process when its parent ends, even if it hangs.
  static func endWithParent() {
    let parent = getppid()
    let watch = Thread {
      while getppid() == parent { sleep(1) }
      _exit(1)
    }
    watch.start()
  }
}
