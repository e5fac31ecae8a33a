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

  /// A shell in the place of the program that judges.
  private func shell(_ script: String, limit: Duration) -> WorkerJudge {
    WorkerJudge(
      executable: URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", script], environment: [:],
      limit: limit)
  }

  private func judge(_ script: String, limit: Duration = .seconds(20)) -> CellResult {
    shell(script, limit: limit).judge(cell)
  }

  @Test func `an answer is taken as it is`() {
    let result = CellResult(cell, .passed, trials: 3, budget: 3, comparisons: 5)
    let answer = judge("read line; echo '\(result.line)'")
    #expect(answer == result)
  }

  @Test func `a crash is blamed on its cell with signal and last words`() {
    let result = judge("read line; echo 'index out of range' >&2; kill -SEGV $$")
    #expect(result.verdict == .failed(.crash))
    #expect(result.failure?.message.contains("signal 11") == true)
    #expect(result.failure?.message.contains("index out of range") == true)
    #expect(result.failure?.reproduce.contains("law:test-passes") == true)
  }

  @Test func `an early end is a crash`() {
    let result = judge("read line; exit 3")
    #expect(result.verdict == .failed(.crash))
    #expect(result.failure?.message.contains("status 3") == true)
  }

  @Test func `a cell that takes too long is stopped`() {
    let result = judge("read line; exec sleep 60", limit: .milliseconds(300))
    #expect(result.verdict == .failed(.crash))
    #expect(result.failure?.message.contains("no verdict came within") == true)
  }

  @Test func `an answer to another question is a crash`() {
    let result = judge("read line; echo hello")
    #expect(result.verdict == .failed(.crash))
    #expect(result.failure?.message.contains("hello") == true)
  }

  @Test func `a program that is not there is a crash of each cell`() {
    let judge = WorkerJudge(
      executable: URL(fileURLWithPath: "/no/such/program"), environment: [:], limit: .seconds(1))
    #expect(judge.judge(cell).verdict == .failed(.crash))
  }

  @Test func `after a crash the next cell gets a new process`() {
    let result = CellResult(cell, .passed, trials: 3, budget: 3, comparisons: 5)
    let marker = package.path("crashed")
    let judge = shell(
      """
      read line
      if [ ! -e '\(marker)' ]; then touch '\(marker)'; kill -ABRT $$; fi
      echo '\(result.line)'
      """, limit: .seconds(20))
    #expect(judge.judge(cell).verdict == .failed(.crash))
    #expect(judge.judge(cell).verdict == .passed)
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

  @Test func `an error of the listener ends the run and is thrown`() throws {
    struct Stop: Error {}
    let judging = Judging(
      kit: package.kit, profile: .init(.dev), known: .none, executable: nil, jobs: 2,
      limit: .seconds(10))
    let judged = Mutex(0)
    #expect(throws: Stop.self) {
      try judging.run(package.kit.cells.filter { $0.law.name == "test-passes" }) { _ in
        judged.withLock { $0 += 1 }
        throw Stop()
      }
    }
    #expect(judged.withLock { $0 } <= 2)
  }
}

@Suite struct `child processes` {
  @Test func `lines go in and come out`() throws {
    let process = try ChildProcess("cat", [], hasInput: true, output: .piped)
    process.send("one")
    #expect(process.readLine(within: .seconds(10)) == .line("one"))
    process.stop()
    #expect(process.wait() == .signal(9))
  }

  @Test func `variables are set and removed, and the folder is the one asked for`() throws {
    let process = try ChildProcess(
      "sh", ["-c", "echo $ZOO_A; echo ${HOME-none}; pwd"],
      environment: ["ZOO_A": "a b", "HOME": nil], folder: URL(fileURLWithPath: "/usr"),
      output: .piped)
    #expect(process.readAll() == "a b\nnone\n/usr\n")
    #expect(process.wait() == .exited(0))
  }

  @Test func `a program that does not exist throws`() {
    #expect(throws: CommandFailure.self) { try ChildProcess("no-such-program", []) }
  }
}
