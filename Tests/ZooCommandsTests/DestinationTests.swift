import Conformance
import Foundation
import Reporting
import Testing

@testable import ZooCommands

@Suite struct `places to write to` {
  let package: Package

  init() throws { package = try Package() }

  @Test(arguments: ["", "/tmp", "/no/such/folder/file"])
  func `a place that cannot be written is refused before any work`(path: String) async throws {
    _ = await package.zoo("check", "-k", "part:local and test-passes")
    let outcome = await package.zoo("report", "-o", path)
    #expect(outcome.status == 1)
    #expect(outcome.errors.count { $0 == "\n" } == 1)
    #expect(outcome.errors.contains(path.isEmpty ? "--output is empty" : path))
    guard path != "/no/such/folder/file" else { return }
    let check = await package.zoo("check", "-k", "part:local and test-passes", "--report", path)
    #expect(check.status == 1)
    #expect(check.output.isEmpty)
    #expect(check.errors.contains(path.isEmpty ? "--report is empty" : "/tmp is a folder"))
    #expect(check.errors.count { $0 == "\n" } == 1)
  }

  @Test func `the file that is read is never written`() async throws {
    _ = await package.zoo("check", "-k", "part:local and test-passes")
    let report = package.path("report.json")
    try FileManager.default.createSymbolicLink(
      atPath: package.path("again.json"), withDestinationPath: "report.json")
    let before = try Data(contentsOf: URL(fileURLWithPath: report))
    for place in [report, package.path("again.json")] {
      for input in [["--input", report], []] {
        let outcome = await package.zoo(["report", "-o", place] + input)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("which the command reads"))
      }
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: report)) == before)
  }

  @Test func `a dash is standard output`() async throws {
    let check = await package.zoo("check", "-k", "part:local and test-passes", "--report", "-")
    #expect(check.status == 0)
    let report = try Report(json: Data(check.output.utf8))
    #expect(report.totals.passed == 1)
    #expect(!FileManager.default.fileExists(atPath: package.path("report.json")))
    _ = await package.zoo("check", "-k", "part:local and test-passes")
    let written = await package.zoo("report", "--format", "json", "-o", "-")
    #expect(try Report(json: Data(written.output.utf8)).totals.passed == 1)
    defer { try? FileManager.default.removeItem(atPath: "-") }
    #expect(!FileManager.default.fileExists(atPath: "-"))
    let twice = await package.zoo("check", "--report", "-", "--format", "junit")
    #expect(twice.status == 64)
  }

  @Test func `a new part can be printed`() async {
    let outcome = await package.zoo("new", "attention", "mine", "-o", "-")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("// @register(attention, \"mine\", MineAttentionConfig)"))
    #expect(outcome.errors.contains("then: swift run zoo test -k 'mine'"))
  }
}

@Suite struct `streams` {
  @Test func `a full stream is a problem, a reader that has gone is none`() throws {
    signal(SIGPIPE, SIG_IGN)
    let full = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    let stream = StandardStream(full.fileDescriptor, "standard output")
    stream.write(Data("text".utf8))
    #expect(stream.problem == "standard output cannot be written: No space left on device")
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let quiet = StandardStream(pipe.fileHandleForWriting.fileDescriptor, "standard output")
    quiet.write(Data("text".utf8))
    #expect(quiet.problem == nil)
  }

  @Test func `what cannot be written makes a good command return 1 and a bad one its own`()
    async throws
  {
    let package = try Package()
    for (arguments, status): ([String], Int32) in [(["list"], 1), (["list", "-k", "x1x"], 5)] {
      let record = ConsoleRecord()
      var console = record.console
      console.problem = { "standard output cannot be written: no room" }
      let session = Session(kit: package.kit, console: console, executable: nil)
      #expect(await Zoo.run(arguments, in: session) == status)
      #expect(record.errors.hasSuffix("error: standard output cannot be written: no room\n"))
    }
  }
}
