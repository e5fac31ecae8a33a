import Catalogue
import Conformance
import Foundation
import Reporting
import Testing

@testable import ZooCommands

@Suite struct `choosing tests` {
  let package: Package

  init() throws { package = try Package() }

  /// What a test program lists, in the form of Swift Testing's event stream.
  private var listed: [ListedTest] {
    func line(_ id: String, _ name: String, tags: String = "", isParameterized: Bool) -> String {
      #"{"kind":"test","payload":{"_tags":[\#(tags)],"id":"\#(id)","#
        + #""isParameterized":\#(isParameterized),"kind":"function","name":"\#(name)"},"version":0}"#
    }
    return ListedTest.read([
      #"{"kind":"test","payload":{"_tags":[".attention"],"id":"LawTests.`attention local`","#
        + #""kind":"suite","name":"`attention local`"},"version":0}"#,
      line(
        "LawTests.`attention local`/contract(cell:)/Suites.swift:5:4", "contract(cell:)",
        tags: "\".contract\"", isParameterized: true),
      line(
        "LawTests.`attention nystrom`/contract(cell:)/Suites.swift:9:4", "contract(cell:)",
        isParameterized: true),
      line(
        "ReportingTests.reports/`a page (1.0) is local`()/ReportTests.swift:5:4",
        "`a page (1.0) is local`()", tags: "\".slow\"", isParameterized: false),
      line(
        "ReportingTests.reports/`formats`(format:)/ReportTests.swift:9:4", "`formats`(format:)",
        isParameterized: true),
      "no JSON",
    ])
  }

  private func choose(_ expression: String) throws -> TestChoice {
    try TestChoice(Selection(expression), from: listed, package.kit, verdicts: [:])
  }

  @Test func `listed tests know their suites, names, tags and what they judge`() throws {
    let tests = listed
    #expect(tests.count == 4)
    let generated = try #require(tests.first { $0.path.contains("attention local") })
    #expect(generated.key == "attention local/contract")
    #expect(generated.tags == ["contract", "attention"])
    let plain = try #require(tests.first { $0.name == "a page (1.0) is local" })
    #expect(plain.suite == "reports")
    #expect(plain.key == nil)
    #expect(tests.first { $0.name == "formats" }?.key == nil)
  }

  @Test func `the filter of a test matches it alone`() throws {
    let tests = listed
    for test in tests {
      let pattern = try Regex(test.filter)
      let matched = tests.filter { ($0.path + "/File.swift:1:1").contains(pattern) }
      #expect(matched == [test])
    }
  }

  @Test func `laws are chosen through the tests that judge them`() throws {
    let choice = try choose("part:local and test-passes")
    #expect(choice.tests.map(\.key) == ["attention local/contract"])
    #expect(choice.cellExpression == "part:local and test-passes")
  }

  @Test func `hand-written tests are chosen by name, suite and tag`() throws {
    for expression in ["page", "reports and not formats", "tag:slow", "reportingtests and page"] {
      let choice = try choose(expression)
      #expect(choice.tests.map(\.name) == ["a page (1.0) is local"])
      #expect(choice.cellExpression == nil)
    }
  }

  @Test func `an expression over both is spelled out for the laws`() throws {
    let choice = try choose("page or (test-passes and part:local)")
    #expect(choice.tests.count == 2)
    let expression = try #require(choice.cellExpression)
    let cells = try package.kit.select(Selection(expression))
    #expect(cells.map(\.path) == ["attention local/test-passes f64"])
  }

  @Test func `parts that no test judges are not chosen`() {
    #expect(throws: SelectionError.self) { try choose("linformer") }
  }

  @Test func `a choice of what does not apply returns 5 and says why`() {
    let error = #expect(throws: CommandFailure.self) { try choose("part:local and test-needs") }
    #expect(error?.status == .nothingSelected)
    #expect(error?.lines.first?.contains("never so") == true)
  }

  @Test func `a run counts tests, cases and failures, and fails on none`() {
    func event(_ kind: String, _ id: String) -> String {
      #"{"kind":"event","payload":{"kind":"\#(kind)","testID":"\#(id)"},"version":0}"#
    }
    let test = #"{"kind":"test","payload":{"id":"T/a()","kind":"function"},"version":0}"#
    let events = [
      test, event("testStarted", "T"), event("testStarted", "T/a()"),
      event("testCaseStarted", "T/a()"), event("testCaseStarted", "T/a()"),
      event("issueRecorded", "T/a()"), event("testEnded", "T/a()"),
    ]
    let run = TestRun(ending: .exited(1), events: events)
    #expect((run.tests, run.cases, run.failed) == (1, 2, 1))
    #expect(run.status == .lawFailed)
    #expect(TestRun(ending: .exited(0), events: events).status == .success)
    #expect(TestRun(ending: .exited(0), events: [test]).status == .nothingSelected)
    #expect(TestRun(ending: .exited(69), events: []).status == .nothingSelected)
    #expect(TestRun(ending: .signal(11), events: events).status == .lawFailed)
    #expect(TestRun(ending: .timedOut, events: events).status == .lawFailed)
  }
}
