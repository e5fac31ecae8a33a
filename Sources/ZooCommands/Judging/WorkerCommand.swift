internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import Foundation
internal import Parts
internal import Properties
internal import Reporting

/// Judges the cells named on its input, one a line, and answers with a line for each.
///
/// A line with a JSON object of variables starts a copy of this process, which has them in its
/// environment and judges the lines that follow, up to an empty one. A copy needs a tenth of the
/// time that a new process takes to load libtorch.
struct WorkerCommand: ParsableCommand {
  static let name = "worker"

  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Judge the cells named on standard input; run by check and faults.",
    shouldDisplay: false)

  func run() throws {
    // What a part prints must not come between the answers.
    let answers = FileHandle(fileDescriptor: dup(STDOUT_FILENO), closeOnDealloc: true)
    dup2(STDERR_FILENO, STDOUT_FILENO)
    Self.endWithParent()
    // A copy makes it with its own variables.
    var judge: (LocalJudge, laws: [LawID])?
    while let line = Self.nextLine(), !line.isEmpty {
      if line.hasPrefix("{") {
        try Self.copy(with: JSONDecoder().decode([String: String].self, from: Data(line.utf8)))
        continue
      }
      let (local, laws) = try judge ?? Self.judge()
      judge = (local, laws)
      let result = local.judge(try Cell(path: line, laws: laws))
      try answers.write(contentsOf: Data((result.line + "\n").utf8))
    }
  }

  private static func judge() throws -> (LocalJudge, laws: [LawID]) {
    let kit = try Session.usableKit()
    let profile = try ProfileOptions.parse([]).resolved(for: kit)
    return (
      LocalJudge(kit: kit, profile: profile, known: try kit.knownFailures()),
      kit.laws.laws.map(\.id)
    )
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

  /// Goes on as a copy of this process; the original waits, and ends as the copy did if that was
  /// not in good order.
  private static func copy(with variables: [String: String]) throws {
    // Swift hides this function, since only the calling thread lives on in a copy. Here no other
    // has done anything yet but wait.
    guard let symbol = dlsym(nil, "fork") else { throw CommandFailure("there is no fork") }
    let fork = unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)
    let copy = fork()
    if copy == 0 {
      for (name, value) in variables { setenv(name, value, 1) }
      endWithParent()
      return
    }
    var status: Int32 = 0
    guard copy > 0, waitpid(copy, &status, 0) == copy else {
      throw CommandFailure("no process can be started: \(String(cString: strerror(errno)))")
    }
    guard status != 0 else { return }
    let number = status & 0x7f
    if number == 0 { _exit(status >> 8) }
    signal(number, SIG_DFL)
    kill(getpid(), number)
  }

  /// Ends this process when its parent ends, even if a cell hangs.
  private static func endWithParent() {
    let parent = getppid()
    let watch = Thread {
      while getppid() == parent { sleep(1) }
      _exit(1)
    }
    watch.start()
  }
}
