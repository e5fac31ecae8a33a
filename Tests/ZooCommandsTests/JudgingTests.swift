import Catalogue
import Conformance
import Foundation
import Properties
import Reporting
import Synchronization
import Testing

@testable import ZooCommands

@Suite struct `judging in processes` {
  let package: Package
  let cell: Cell

  init() throws {
    package = try Package()
    cell = try #require(package.kit.cells.first { $0.law.name == "test-passes" })
  }

  /// Judges cells with a shell instead of the program that judges.
  private func judge(
    _ script: String, count: Int = 1, limit: Duration = .seconds(20)
  ) async throws -> [CellResult] {
    let judge = WorkerJudge(
      executable: URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", script], environment: [:],
      limit: limit)
    var rest = repeatElement(cell, count: count)[...]
    var results: [CellResult] = []
    try await judge.judge {
      rest.popFirst()
    } ended: {
      results.append($0)
    }
    return results
  }

  private var passed: CellResult { CellResult(cell, .passed, trials: 3, budget: 3, comparisons: 5) }

  @Test func `an answer is taken as it is`() async throws {
    #expect(try await judge("read line; echo '\(passed.line)'") == [passed])
  }

  @Test func `a crash is blamed on its cell with signal and last words`() async throws {
    let script = "read line; echo 'index out of range' >&2; kill -SEGV $$"
    let result = try #require(try await judge(script).first)
    #expect(result.verdict == .failed(.crash))
    #expect(result.failure?.message.contains("signal 11") == true)
    #expect(result.failure?.message.contains("index out of range") == true)
    #expect(
      result.failure?.reproduce
        == "swift run sh check -k 'kind:attention and part:\(cell.part) and law:test-passes "
        + "and dtype:f64'")
  }

  @Test func `an early end is a crash`() async throws {
    let result = try #require(try await judge("read line; exit 3").first)
    #expect(result.verdict == .failed(.crash))
    #expect(result.failure?.message.contains("exited with status 3") == true)
  }

  @Test func `a cell that takes too long is stopped and does not count as a crash`() async throws {
    let script = "read line; echo 'still at it' >&2; exec sleep 600"
    let result = try #require(try await judge(script, limit: .milliseconds(500)).first)
    #expect(result.verdict == .failed(.timedOut))
    #expect(
      result.failure?.message == "timed out: no verdict came within 0.5 s:\nstill at it")
  }

  @Test func `an answer to another question is a crash`() async throws {
    let result = try #require(try await judge("read line; echo hello; exec sleep 600").first)
    #expect(result.verdict == .failed(.crash))
    #expect(result.failure?.message.contains("hello") == true)
  }

  @Test func `a program that does not exist ends the run`() async throws {
    let judge = WorkerJudge(
      executable: URL(fileURLWithPath: "/no/such/program"), environment: [:], limit: .seconds(1))
    let error = await #expect(throws: CommandFailure.self) {
      try await judge.judge {
        cell
      } ended: { _ in
      }
    }
    #expect(error?.lines == ["/no/such/program cannot be run: there is no such program"])
  }

  @Test func `a process judges until it crashes, and the next cell gets a new one`() async throws {
    let marker = package.path("crashed")
    let results = try await judge(
      """
      read line
      echo '\(passed.line)'
      read line
      if [ ! -e '\(marker)' ]; then touch '\(marker)'; kill -ABRT $$; fi
      echo '\(passed.line)'
      """, count: 4)
    #expect(results.map(\.verdict) == [.passed, .failed(.crash), .passed, .passed])
  }

  @Test func `variables that change are announced, after the end of what had the others`()
    async throws
  {
    let (heard, answer) = (package.path("heard"), passed.line)
    let judge = WorkerJudge(
      executable: URL(fileURLWithPath: "/bin/sh"),
      arguments: [
        "-c",
        """
        while read line; do
          echo "$line" >> '\(heard)'
          case "$line" in '' | '{'*) ;; *) echo '\(answer)' ;; esac
        done
        """,
      ], environment: [:], limit: .seconds(20))
    var rest = ["one", "one", "two"].map { WorkerJudge.Question(cell, variables: ["FAULT": $0]) }[
      ...]
    var results: [CellResult] = []
    try await judge.judge(asking: { rest.popFirst() }, ended: { results.append($0) })
    #expect(results == [passed, passed, passed])
    let lines = try String(contentsOfFile: heard, encoding: .utf8)
    #expect(
      lines == """
        {"FAULT":"one"}
        \(cell.path)
        \(cell.path)

        {"FAULT":"two"}
        \(cell.path)

        """)
  }

  @Test func `lines that fill the pipe of errors do not stop the answers`() async throws {
    let script = """
      read line; head -c 300000 /dev/zero | tr '\\0' 'x' >&2; echo '\(passed.line)'
      """
    #expect(try await judge(script) == [passed])
  }

  @Test(.timeLimit(.minutes(1)))
  func `a cancelled judge stops its process and blames no cell`() async throws {
    let marker = package.path("pid")
    let task = Task {
      try await judge("read line; echo $$ > '\(marker)'; exec sleep 600", limit: .seconds(300))
    }
    while !FileManager.default.fileExists(atPath: marker) {
      try await Task.sleep(for: .milliseconds(20))
    }
    task.cancel()
    #expect(try await task.value.isEmpty)
    let process = try String(contentsOfFile: marker, encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(!FileManager.default.fileExists(atPath: "/proc/\(process)"))
  }

  @Test func `the queue deals out each cell once, a part at a time`() {
    let cells = package.kit.cells
    let queue = CellQueue(cells)
    var dealt: [Cell] = []
    var suites: [String?] = [nil, nil]
    var turn = 0
    while true {
      guard let cell = queue.next(&suites[turn % 2]) ?? queue.next(&suites[(turn + 1) % 2]) else {
        break
      }
      dealt.append(cell)
      turn += 1
    }
    #expect(dealt.count == cells.count)
    #expect(Set(dealt) == Set(cells))
    #expect(Set(dealt.prefix(2).map(\.suite)).count == 2)
  }

  @Test func `an error of the listener ends the run and is thrown`() async throws {
    struct Stop: Error {}
    let judging = Judging(
      kit: package.kit, profile: .init(.dev), known: .none, executable: nil, jobs: 2,
      limit: .seconds(10))
    let judged = Mutex(0)
    await #expect(throws: Stop.self) {
      try await judging.run(package.kit.cells.filter { $0.law.name == "test-passes" }) { _ in
        judged.withLock { $0 += 1 }
        throw Stop()
      }
    }
    #expect(judged.withLock { $0 } <= 2)
  }
}

@Suite struct `interruptions` {
  @Test func `a signal cancels the work in hand, also after other work`() async {
    await #expect(processExitsWith: .exitCode(143)) {
      let interruption = Interruption(listens: true)
      for _ in 0..<3 { try await interruption.cancelling {} }
      let error = await #expect(throws: CommandFailure.self) {
        try await interruption.cancelling {
          kill(getpid(), SIGTERM)
          try await Task.sleep(for: .seconds(60))
        }
      }
      #expect(error?.lines == ["stopped by SIGTERM"])
      exit(error?.status.rawValue ?? 0)
    }
  }

  @Test func `a signal that finds no work ends the process`() async {
    await #expect(processExitsWith: .exitCode(130)) {
      let interruption = Interruption(listens: true)
      try await interruption.cancelling {}
      kill(getpid(), SIGINT)
      try await Task.sleep(for: .seconds(60))
    }
  }
}

@Suite struct `child processes` {
  @Test func `an exit, a signal and a timeout are distinguished`() async throws {
    func end(_ script: String, within limit: Duration = .seconds(20)) async throws
      -> ChildProcess.Ending
    {
      try await ChildProcess("sh", ["-c", script]).collect(within: limit).ending
    }
    #expect(try await end("exit 0") == .exited(0))
    #expect(try await end("exit 7") == .exited(7))
    #expect(try await end("kill -TERM $$") == .signal(15))
    #expect(try await end("exec sleep 600", within: .milliseconds(200)) == .timedOut)
    #expect(try await ChildProcess("sh", ["-c", "exit 3"]).run() == .exited(3))
    #expect(try await ChildProcess("sh", ["-c", "kill -KILL $$"]).run() == .signal(9))
  }

  @Test(.timeLimit(.minutes(1)))
  func `outputs larger than a pipe holds are both read`() async throws {
    let collected = try await ChildProcess(
      "sh", ["-c", "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; echo end"]
    ).collect(within: .seconds(30))
    #expect(collected.ending == .exited(0))
    #expect(collected.errors.utf8.count == 300_000)
    #expect(collected.output.utf8.count == 300_004)
  }

  @Test func `variables are set and removed, and the folder is the one asked for`() async throws {
    let collected = try await ChildProcess(
      "sh", ["-c", "echo $ZOO_A; echo ${HOME-none}; pwd"],
      environment: ["ZOO_A": "a b", "HOME": nil], folder: URL(fileURLWithPath: "/usr")
    ).collect(within: .seconds(20))
    #expect(collected.output == "a b\nnone\n/usr\n")
  }

  @Test func `a program that does not exist is named`() async {
    let error = await #expect(throws: CommandFailure.self) {
      try await ChildProcess("no-such-program", []).run()
    }
    #expect(error?.lines == ["no-such-program cannot be run: there is no such program"])
  }

  @Test(.timeLimit(.minutes(1)))
  func `a cancelled run asks its program to end and throws`() async throws {
    let task = Task {
      try await ChildProcess("sh", ["-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"]).run()
    }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
