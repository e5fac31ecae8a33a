import Foundation
import JSON
import Reporting
import Testing

@Suite struct `failures of other origins` {
  private let other = Failure(
    origin: "A01/1", printed: "q = ones(1, 3, 1)", choices: "Zz",
    reproduce: "ZOO_REPLAY='attention nystrom/causality f64@Zz' swift test --filter nystrom",
    message: "threw TorchError")

  private func result() -> CellResult {
    CellResult(
      Sample.cell(), .failed(.falsified), trials: 9, budget: 62, failure: Sample.failure,
      otherFailures: [other])
  }

  @Test func `survive a line of JSON`() throws {
    let again = try CellResult(line: Data(result().line.utf8))
    #expect(again == result() && again.otherFailures == [other])
    #expect(!Sample.passed(Sample.cell()).line.contains("otherFailures"))
  }

  @Test func `of a cell that passed are refused`() {
    let line = Sample.passed(Sample.cell()).line.dropLast()
    let failure =
      "{\"origin\":\"\",\"printed\":\"\",\"choices\":\"\",\"reproduce\":\"\",\"message\":\"\"}"
    #expect(throws: ReportError.self) {
      try CellResult(line: Data("\(line),\"otherFailures\":[\(failure)]}".utf8))
    }
  }

  @Test(arguments: [ReportFormat.text, .markdown, .junit, .html])
  func `are shown in every format`(format: ReportFormat) throws {
    let report = try Report(run: Sample.run, expected: [Sample.cell()], results: [result()])
    let text = report.written(as: format, today: Sample.today)
    #expect(text.contains("A01/0") && text.contains("A01/1"), "\(text)")
    #expect(text.contains("q = ones(1, 3, 1)"))
  }

  @Test func `are shown with a single cell`() {
    #expect(result().text.contains("met on the way:\n  threw TorchError"))
  }
}
