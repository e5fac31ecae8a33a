internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import Parts
internal import Properties
internal import Reporting

/// Judges the cells named on its input, one a line, and answers with a line for each.
struct WorkerCommand: ParsableCommand {
  static let name = "worker"

  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Judge the cells named on standard input; run by check and faults.",
    shouldDisplay: false)

  func run() throws {
    let kit = try Session.usableKit()
    let profile = try ProfileOptions.parse([]).resolved(for: kit)
    let judge = LocalJudge(kit: kit, profile: profile, known: try kit.knownFailures())
    let answers = Self.takeStandardOutput()
    Self.endWithParent()
    let laws = kit.laws.laws.map(\.id)
    while let line = readLine() {
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
