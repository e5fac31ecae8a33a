import Catalogue
import Conformance
import Foundation
import JSON
import Parts
import Properties
import Reporting
import Synchronization
import Testing
import Torch

@testable import ZooCommands

@Suite struct `checking` {
  let package: Package

  init() throws { package = try Package() }

  @Test func `passing laws return 0 and a report`() async throws {
    let outcome = await package.zoo("check", "-k", "test-passes", "--profile", "ci")
    #expect(outcome.status == 0)
    let count = Registry.zoo.entries(.attention).count
    #expect(outcome.output.contains("\(count) of \(count) cells ran: \(count) passed"))
    let report = try ReportStore.load(from: URL(fileURLWithPath: package.path("report.json")))
    #expect(report.totals.passed == count)
    #expect(report.run.selection == "test-passes")
    #expect(report.run.profile == "ci")
  }

  @Test func `a law that fails returns 2, names the input and how to run it again`() async {
    let outcome = await package.zoo("check", "-k", "test-switch and part:local")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("attention local/test-switch f64 (T02): falsified"))
    #expect(
      outcome.output.contains(
        "reproduce: swift run zoo check --replay 'attention local/test-switch f64@"))
    #expect(outcome.errors.contains("✗ attention local/test-switch f64: falsified"))
  }

  @Test func `quiet prints only the result`() async {
    let outcome = await package.zoo("check", "-k", "test-switch and part:local", "--quiet")
    #expect(outcome.errors.isEmpty)
  }

  @Test func `laws of which none applies are no success, and each has its reason`() async {
    let outcome = await package.zoo("check", "-k", "test-needs and part:local")
    #expect(outcome.status == 5)
    #expect(outcome.output.contains("never so (1)"))
  }

  @Test func `verdicts of the last report can be chosen`() async throws {
    let before = await package.zoo("list", "--cells", "-k", "verdict:failed")
    #expect(before.status == 5)
    #expect(before.errors.contains("no last report"))
    _ = await package.zoo("check", "-k", "part:local and (test-switch or test-passes)")
    let after = await package.zoo("list", "--cells", "-k", "verdict:failed", "--format", "json")
    let cells = try #require(try JSON(parsing: after.output).array)
    #expect(cells.map { $0["law"] } == ["test-switch"])
  }

  @Test func `stored failures that no cell runs return 3 and are named`() async throws {
    let folder = package.folder.appendingPathComponent("regressions/attention-local")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try package.write("[]", to: "regressions/attention-local/test-pases.json")
    let entry = """
      [{"generatorHash": "00", "choices": "AQ", "printed": "", "origin": "T02/holds", "dtype": "f8",
        "firstSeen": "2026-11-28"}]
      """
    try package.write(entry, to: "regressions/attention-local/test-switch.json")
    let outcome = await package.zoo("check", "-k", "test-passes and part:local", "--profile", "ci")
    #expect(outcome.status == 3, "\(outcome.errors)")
    #expect(outcome.errors.contains("test-pases.json belongs to no known part and law"))
    #expect(outcome.errors.contains("attention-local/test-switch.json has an entry of 'f8'"))
  }

  @Test func `a replay runs its one input`() async throws {
    _ = await package.zoo("check", "-k", "part:local and test-switch")
    let report = try ReportStore.load(from: URL(fileURLWithPath: package.path("report.json")))
    let choices = try #require(report.cells.first?.failure?.choices)
    let replay = "attention local/test-switch f64@\(choices)"
    let failing = await package.zoo("check", "--replay", replay)
    #expect(failing.status == 2)
    #expect(failing.output.contains("1 of 1 cell ran"))
    package.isBroken.withLock { $0 = false }
    #expect(await package.zoo("check", "--replay", replay).status == 0)
    let wrong = await package.zoo("check", "--replay", "attention local/test-swich f64@\(choices)")
    #expect(wrong.status == 1)
    #expect(wrong.errors.contains("test-switch"))
  }

  @Test func `a known failure is known while its counterexample fails`() async throws {
    try await listTheSwitch(expires: CalendarDay(Date()).advanced(by: 30))
    let known = await package.zoo("check", "-k", "part:local and test-switch")
    #expect(known.status == 0)
    #expect(known.output.contains("1 known failure"))
    let list = await package.zoo("known", "list", "--format", "json")
    #expect(try JSON(parsing: list.output)[0]?["daysLeft"] == 30)

    package.isBroken.withLock { $0 = false }
    let passing = await package.zoo("check", "-k", "part:local and test-switch")
    #expect(passing.status == 3)
    #expect(passing.output.contains("unexpectedPass"))
  }

  @Test func `a known failure at another origin fails`() async throws {
    try await listTheSwitch(expires: CalendarDay(Date()).advanced(by: 30), origin: "T02/elsewhere")
    let outcome = await package.zoo("check", "-k", "part:local and test-switch")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("T02/elsewhere"))
  }

  @Test func `an expired known failure returns 3`() async throws {
    try await listTheSwitch(expires: CalendarDay(Date()).advanced(by: -1))
    for arguments in [["check", "-k", "part:local and test-passes"], ["known", "list"]] {
      let record = ConsoleRecord()
      let session = Session(kit: package.kit, console: record.console, executable: nil)
      #expect(await Zoo.run(arguments, in: session) == 3)
      #expect(record.errors.contains("1 day ago"))
    }
  }

  @Test func `a known failure of what does not apply returns 3`() async throws {
    try await listTheSwitch(
      law: "test-needs", expires: CalendarDay(Date()).advanced(by: 1), origin: "T03/holds")
    let outcome = await package.zoo("known", "list")
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("not applicable (never so)"))
  }

  private func listTheSwitch(
    law: String = "test-switch", expires: CalendarDay, origin: String? = nil
  ) async throws {
    _ = await package.zoo("check", "-k", "part:local and test-switch")
    let report = try ReportStore.load(from: URL(fileURLWithPath: package.path("report.json")))
    let failure = try #require(report.cells.first?.failure)
    let entry: JSON = [
      [
        "part": "attention local", "law": .string(law), "dtype": "f64", "reason": "a test",
        "link": "https://example.org/1", "expires": .string("\(expires)"),
        "counterexample": .string(failure.choices), "origin": .string(origin ?? failure.origin),
      ]
    ]
    try package.write(entry.text(), to: "known-failures.json")
  }

  @Test func `a part unknown to the program returns 1`() async throws {
    try FileManager.default.createDirectory(
      atPath: package.path("Sources/Mine"), withIntermediateDirectories: true)
    try package.write(
      """
      // @register(attention, "mine", MineConfig)
      final class Mine {}
      struct MineConfig {}
      """, to: "Sources/Mine/Mine.swift")
    let outcome = await package.zoo("check", "-k", "test-passes")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("attention mine is registered at Sources/Mine/Mine.swift:1"))
  }

  @Test func `a report is written in every form`() async throws {
    _ = await package.zoo("check", "-k", "part:local and (test-switch or test-passes)")
    for format in ReportFormat.allCases {
      let output = package.path("out.\(format.rawValue)")
      let outcome = await package.zoo("report", "--format", format.rawValue, "--output", output)
      #expect(outcome.status == 0)
      #expect(try String(contentsOfFile: output, encoding: .utf8).contains("test-switch"))
    }
  }

  @Test func `a report that is missing or damaged returns 1 and its name`() async throws {
    let missing = await package.zoo("report", "--input", package.path("none.json"))
    #expect(missing.status == 1)
    #expect(missing.errors.contains("none.json"))
    let damaged = await package.zoo("report", "--input", try package.write("{", to: "bad.json"))
    #expect(damaged.status == 1)
    #expect(damaged.errors.contains("bad.json: not a report"))
  }
}
