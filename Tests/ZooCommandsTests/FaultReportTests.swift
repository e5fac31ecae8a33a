import Catalogue
import Codegen
import Conformance
import JSON
import Reporting
import Testing
import Torch

@testable import ZooCommands

@Suite struct `fault reports` {
  let kit = Kit()

  private func row(_ name: String, isControl: Bool = false) -> FaultRow {
    FaultRow(
      part: "attention scaled_dot_product",
      entry: FaultEntry(
        name: name, isControl: isControl, wrong: "wrong", laws: ["U02"], imitates: nil, hunks: [],
        path: "Faults/attention-scaled_dot_product.faults", line: 1))
  }

  private func law(_ code: String, firstTrial: Int? = nil) -> FaultOutcome.ByLaw {
    var law = FaultOutcome.ByLaw(code: code)
    law.kills = firstTrial == nil ? 0 : 1
    law.trials = firstTrial ?? 48
    law.first = firstTrial
    return law
  }

  private func report(_ outcomes: [FaultOutcome], codes: [String] = ["U02"]) -> FaultReport {
    FaultReport(
      kit: kit, outcomes: outcomes, all: [row("scaleMissing")] + outcomes.map(\.row),
      selected: kit.cells.filter { codes.contains($0.law.code) }, seed: 0, repeats: 1)
  }

  @Test func `a rejected witness is good`() throws {
    let outcome = FaultOutcome(row: row("scaleMissing"), laws: [law("U02", firstTrial: 2)])
    let report = report([outcome])
    #expect(report.problems.isEmpty)
    #expect(report.laws.map(\.killsAlone) == [["scaleMissing"]])
    #expect(outcome.killers.first?.rate == 0.5)
    #expect(outcome.killers.first?.needed == 20)
    #expect(report.json["survivors"] == [])
    #expect(try JSON(parsing: report.json.text()) == report.json)
  }

  @Test func `a fault that survives is a problem, and so is the law that it witnesses`() {
    let report = report([FaultOutcome(row: row("scaleMissing"), laws: [law("U02")])])
    #expect(report.problems.count == 2)
    #expect(report.problems[0].contains("survives"))
    #expect(report.problems[1].contains("U02 oracle does not reject its witness scaleMissing"))
    #expect(report.notes.count == 1)
  }

  @Test func `a law that is not asked about its witness does not apply to it`() {
    let report = report([FaultOutcome(row: row("scaleMissing"), laws: [law("A01", firstTrial: 1)])])
    #expect(report.problems.count == 1)
    #expect(report.problems[0].contains("does not apply"))
  }

  @Test func `an equivalent mutant must live`() {
    let alive = report([FaultOutcome(row: row("control", isControl: true), laws: [law("U02")])])
    #expect(alive.problems.isEmpty)
    let killed = report([
      FaultOutcome(row: row("control", isControl: true), laws: [law("U02", firstTrial: 1)])
    ])
    #expect(killed.problems.count == 1)
    #expect(killed.problems[0].contains("too tight"))
  }

  @Test func `rates are pooled over repetitions, and scarce inputs are no rejection`() throws {
    let cell = try #require(kit.cells.first)
    var law = FaultOutcome.ByLaw(code: cell.law.code)
    law.add(CellResult(cell, .failed(.falsified), trials: 3, budget: 48, comparisons: 3))
    law.add(CellResult(cell, .passed, trials: 48, budget: 48, comparisons: 48))
    law.add(CellResult(cell, .failed(.unhealthy), trials: 9, budget: 48))
    #expect(law.kills == 1)
    #expect(law.rate == 1.0 / 57)
    #expect(law.first == 3)
    #expect(law.needed == 256)
  }

  @Test func `what got no verdict in time is not rejected, and what never ran is no proof`() {
    var slow = law("U02")
    slow.timeouts = 1
    let late = FaultOutcome(row: row("scaleMissing"), laws: [slow])
    #expect(late.fate == .timedOut)
    #expect(report([late]).problems[0].contains("U02 gave no verdict in time"))
    let dead = FaultOutcome(
      row: row("control", isControl: true), laws: [law("U02")], isReached: false)
    #expect(dead.fate == .unreached)
    #expect(report([dead]).problems[0].contains("runs its lines"))
  }
}
