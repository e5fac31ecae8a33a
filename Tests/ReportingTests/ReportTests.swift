import Catalogue
import Foundation
import JSON
import Reporting
import Testing

@Suite struct `a report` {
  @Test func `counts every verdict, and cells without a result are missing`() throws {
    let totals = try Sample.everyVerdict().totals
    #expect(totals.expected == 7)
    #expect(totals.ran == 4)
    #expect(totals.passed == 2)
    #expect(totals.failed == 1)
    #expect(totals.known == 1)
    #expect(totals.notApplicable == 1)
    #expect(totals.notRun == 1)
    #expect(totals.missing == 1)
    #expect(
      totals.ran + totals.notApplicable + totals.notRun + totals.missing == totals.expected)
  }

  @Test func `with a missing cell is red even if every other cell passed`() throws {
    let cells = [Sample.cell(), Sample.cell("local")]
    let whole = try Report(run: Sample.run, expected: cells, results: cells.map(Sample.passed))
    #expect(whole.exitStatus == .success)
    let report = try Report(
      run: Sample.run, expected: cells, results: [Sample.passed(cells[0])])
    #expect(report.exitStatus == .lawFailed)
    #expect(report.cells[1].verdict == .missing)
  }

  @Test func `without cells is not a success`() throws {
    let report = try Report(run: Sample.run, expected: [], results: [])
    #expect(report.exitStatus == .nothingSelected)
  }

  @Test func `refuses two results for a cell and results for unexpected cells`() throws {
    let cell = Sample.cell()
    #expect(throws: ReportError.duplicate(cell.path)) {
      try Report(
        run: Sample.run, expected: [cell], results: [Sample.passed(cell), Sample.passed(cell)])
    }
    #expect(throws: ReportError.unexpected(Sample.cell("local").path)) {
      try Report(
        run: Sample.run, expected: [cell], results: [Sample.passed(Sample.cell("local"))])
    }
    #expect(throws: ReportError.duplicate(cell.path)) {
      try Report(run: Sample.run, expected: [cell, cell], results: [])
    }
  }

  @Test(arguments: [(0, 5), (5, 0), (0, 0)])
  func `turns a pass without trials or comparisons into a failure`(trials: Int, comparisons: Int) {
    let result = CellResult(
      Sample.cell(), .passed, trials: trials, budget: 5, comparisons: comparisons)
    #expect(result.verdict == .failed(.vacuous))
    #expect(result.failure != nil)
  }

  @Test func `reads back from its JSON`() throws {
    var run = Sample.run
    run.selection = "\"quoted\" \\ \u{1B}[31m 🦩\n"
    run.seed = .max
    let cell = Sample.cell()
    let report = try Report(
      run: run, expected: [cell, Sample.cell("local"), Sample.cell("favor")],
      results: [
        CellResult(
          cell, .failed(.falsified), trials: 1, budget: 2, comparisons: 3, worst: .infinity,
          coverage: ["b": 1, "a": 2], seconds: 1e-9, failure: Sample.failure)
      ])
    let again = try Report(json: Data(report.json.utf8))
    #expect(again == report)
    #expect(again.json == report.json)
    let full = try Sample.everyVerdict()
    #expect(try Report(json: Data(full.json.utf8)) == full)
  }

  @Test func `has the documented members, in order`() throws {
    let json = try Sample.everyVerdict().json
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    #expect(object?["format"] as? Int == 1)
    #expect((object?["totals"] as? [String: Int])?["expected"] == 7)
    let first = (object?["cells"] as? [[String: Any]])?.first
    #expect(
      Set(first?.keys.map { $0 } ?? []) == [
        "kind", "part", "law", "code", "dtype", "verdict", "reason", "trials", "budget",
        "comparisons", "worst", "coverage", "seconds", "failure",
      ])
    #expect(first?["reason"] is NSNull)
    let order = ["\"format\"", "\"profile\"", "\"seed\"", "\"totals\"", "\"cells\""]
      .compactMap { json.range(of: $0)?.lowerBound }
    #expect(order.count == 5 && order == order.sorted())
  }
}

@Suite struct `a hostile report` {
  /// The JSON of a valid report with one piece replaced, which must be in it.
  private func tampered(_ old: String, _ new: String) throws -> Data {
    let json = try Sample.everyVerdict().json
    let range = try #require(json.range(of: old), "the sample no longer contains \(old)")
    return Data(json.replacingCharacters(in: range, with: new).utf8)
  }

  @Test(arguments: [
    ("\"format\": 1", "\"format\": 2", "format 2"),
    ("\"format\": 1", "\"form\": 1", "format is missing"),
    ("\"passed\": 2", "\"passed\": 3", "contradicts itself"),
    ("\"missing\": 1", "\"missing\": 0", "contradicts itself"),
    ("\"notRun\": 1", "\"notRun\": 0", "contradicts itself"),
    ("\"expected\": 7", "\"expected\": 6", "contradicts itself"),
    ("\"expected\": 7", "\"expected\": -7", "contradicts itself"),
    ("\"expected\": 7", "\"expected\": 99999999999999999999", "totals.expected"),
    ("\"verdict\": \"passed\"", "\"verdict\": \"pased\"", "nearest is \"passed\""),
    ("\"verdict\": \"passed\"", "\"verdict\": \"skipped\"", "verdict is \"skipped\""),
    ("\"verdict\": \"missing\"", "\"verdict\": \"passed\"", "passed with 0 trials"),
    ("\"comparisons\": 7688", "\"comparisons\": 0", "0 comparisons"),
    ("\"comparisons\": 7688", "\"comparisons\": -1", "cells[0].comparisons is -1"),
    ("\"comparisons\": 7688", "\"comparisons\": 1.5", "cells[0].comparisons"),
    ("\"S = 1\": 4", "\"S = 1\": -4", "coverage.S = 1 is -4"),
    ("\"seconds\": 0.5", "\"seconds\": \"nan\"", "seconds is nan"),
    ("\"seconds\": 0.5", "\"seconds\": -1", "seconds is -1"),
    ("\"kind\": \"attention\"", "\"kind\": \"attenton\"", "nearest is \"attention\""),
    ("\"dtype\": \"f64\"", "\"dtype\": \"f63\"", "nearest is \"f64\""),
    ("\"part\": \"local\"", "\"part\": \"\"", "part is empty"),
    ("\"part\": \"local\"", "\"part\": \"nystrom\"", "recorded twice"),
    ("\"reason\": \"falsified\"", "\"reason\": \"fasified\"", "nearest is \"falsified\""),
    ("\"reason\": \"falsified\"", "\"reason\": null", "failed without a reason"),
    ("\"reason\": \"no masks\"", "\"reason\": \"\"", "not applicable without a reason"),
    ("2027-01-31", "2027-02-31", "expected a day"),
    ("\"expires\":", "\"expired\":", "without reason, link or expires"),
    ("\"trials\": 62", "\"trials\": \"62\"", "cells[0].trials"),
    ("\"cells\": [", "\"cells\": {", "14:5: expected a key in double quotes"),
    ("\"origin\": \"A01/0\"", "\"origin\": 7", "cells[1].failure.origin"),
  ])
  func `is refused with an error that names the place`(old: String, new: String, message: String)
    throws
  {
    let data = try tampered(old, new)
    let error = #expect(throws: ReportError.self) { try Report(json: data) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "read")")
    #expect(error?.exitStatus == .commandFailed)
  }

  @Test(arguments: ["", "{", "[]", "null", "\u{0}", String(repeating: "[", count: 100_000)])
  func `that is not an object is refused`(text: String) {
    #expect(throws: ReportError.self) { try Report(json: Data(text.utf8)) }
  }

  @Test func `that is not UTF-8 is refused`() {
    #expect(throws: ReportError.self) { try Report(json: Data([0x7B, 0xFF, 0xFE, 0x7D])) }
  }

  @Test func `that lists fewer cells than it expects counts them as missing, and is red`() throws {
    let cell = Sample.cell()
    let whole = try Report(run: Sample.run, expected: [cell], results: [Sample.passed(cell)])
    let json = whole.json
      .replacingOccurrences(of: "\"expected\": 1", with: "\"expected\": 3")
      .replacingOccurrences(of: "\"missing\": 0", with: "\"missing\": 2")
    let report = try Report(json: Data(json.utf8))
    #expect(report.totals.missing == 2)
    #expect(report.exitStatus == .lawFailed)
    #expect(report.written(as: .junit).contains("2 cells not listed"))
  }
}
