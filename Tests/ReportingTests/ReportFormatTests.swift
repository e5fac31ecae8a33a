import Catalogue
import Foundation
import Reporting
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct `the formats of a report` {
  private func written(_ format: ReportFormat, _ report: Report? = nil) throws -> String {
    try (report ?? Sample.everyVerdict()).written(as: format, today: Sample.today)
  }

  @Test func `text shows the matrix, each part, the counterexample and how to run it`() throws {
    let text = try written(.text)
    #expect(
      text.contains(
        """
        attention  A01 A07 U02
        nystrom     ✗   ·   k
        local       ✓   !   -
        """), "\(text)")
    #expect(
      text.contains(
        "attention nystrom  1 of 3 applicable passed, 1 failed, 1 known to fail, "
          + "1 not applicable: no masks (1)"))
    #expect(text.contains("✗ attention nystrom/causality f32 (A01): falsified at A01/0"))
    #expect(text.contains("    q = zeros(1, 2, 1) with [0,0,0] = 1\n    t = 1\n"))
    #expect(text.contains("\n  reproduce: \(Sample.failure.reproduce)\n"))
    #expect(text.contains("shrunk from 120 choices to 3 in 431 runs"))
    #expect(text.contains("expires 2027-01-31, in 57 days"))
    #expect(text.contains("! attention local/empty-row f64 (A07): missing"))
    #expect(text.hasSuffix("1 not applicable, 1 not run, 1 missing\n"))
    #expect(!text.contains("\u{1B}"))
  }

  @Test(arguments: ReportFormat.allCases.filter { $0 != .json && $0 != .junit })
  func `of the falsified cells of a part, the plainest is shown and the others are listed`(
    format: ReportFormat
  ) throws {
    let cells =
      [("f32", 9), ("f64", 7), ("f16", 1)].map { (Sample.cell("nystrom", .causality, $0), $1) }
      + [(Sample.cell("nystrom", .emptyRow), 3), (Sample.cell("nystrom", .oracle), 5)]
      + [(Cell(kind: .multihead, part: "nystrom", law: .causality, dtype: "f64"), 1)]
    let results = cells.map { cell, choices in
      CellResult(
        cell, .failed(.falsified), trials: 1, budget: 62,
        failure: Failure(
          printed: "q", choices: "AbC_", reproduce: "again \(cell.path)", message: "moved",
          shrink: .init(evaluations: 4, from: 12, to: choices)))
    }
    let report = try Report(run: Sample.run, expected: cells.map(\.0), results: results)
    let text = try written(format, report)
    #expect(
      text.contains("again attention/nystrom/empty-row/f64") || text.contains("empty-row f64"))
    #expect(text.split(separator: "again ").count == 2, "\(text)")
    #expect(
      text.contains(
        "and 5 more cells, perhaps for the same cause: A01 f32 f64 f16, U02 f64; "
          + "multihead nystrom: A01 f64"), "\(text)")
  }

  @Test func `text has colours only on request`() throws {
    let report = try Sample.everyVerdict()
    let colored = report.written(as: .text, today: Sample.today, colors: true)
    #expect(colored.contains("\u{1B}[31m✗\u{1B}[0m"))
    let plain = colored.replacing(/\u{1B}\[[0-9]+m/, with: "")
    #expect(plain == report.written(as: .text, today: Sample.today, colors: false))
  }

  @Test(arguments: [40, 60, 100, 160])
  func `a wide matrix is cut into pieces that fit and lose no law`(width: Int) throws {
    let laws = LawID.all.filter { $0.kinds.contains(.attention) }
    let cells = laws.map { Sample.cell("scaled_dot_product", $0) }
    let report = try Report(
      run: Sample.run, expected: cells, results: cells.map(Sample.passed))
    let text = report.written(as: .text, today: Sample.today, width: width)
    let heads = text.split(separator: "\n").filter { $0.hasPrefix("attention  ") }
      .filter { !$0.contains("applicable") }
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("scaled_dot_product") }
    #expect(heads.allSatisfy { $0.count <= width } && rows.allSatisfy { $0.count <= width })
    #expect(
      heads.flatMap { $0.split(separator: " ").dropFirst().map(String.init) }
        == laws.map(\.code))
    #expect(rows.reduce(0) { $0 + $1.count { $0 == "✓" } } == laws.count)
  }

  @Test func `a dtype that fails is not hidden by those that pass`() throws {
    let cells = Cell.dtypes.map { Sample.cell("nystrom", .causality, $0) }
    for bad in cells.indices {
      let report = try Report(
        run: Sample.run, expected: cells,
        results: cells.indices.map { index in
          index == bad
            ? CellResult(cells[index], .failed(.flaky), failure: Sample.failure)
            : Sample.passed(cells[index])
        })
      #expect(report.written(as: .text).contains("\nnystrom     ✗\n"))
    }
  }

  @Test func `cells that are not applicable are counted by reason, the most common first`() throws {
    let reasons = ["not causal", "no masks", "no masks", "a", "not causal", "no masks"]
    let cells = zip(LawID.all, reasons).map { Sample.cell("nystrom", $0.0) }
    let extra = Sample.cell("nystrom", .zeroQuery)
    let report = try Report(
      run: Sample.run, expected: cells + [extra],
      results: zip(cells, reasons).map { CellResult($0, .notApplicable(reason: $1)) }
        + [Sample.passed(extra)])
    let line =
      "1 of 1 applicable passed, 6 not applicable: no masks (3), not causal (2), a (1)"
    #expect(report.written(as: .text).contains(line))
    #expect(report.written(as: .markdown).contains("- **attention nystrom**: \(line)"))
  }

  @Test func `cells that a run did not reach are not failures`() throws {
    let folder = try Sample.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("report.json")
    let cells = LawID.all.map { Sample.cell("nystrom", $0) }
    _ = try ReportStore(file: file, run: Sample.run, expected: cells)
    let text = try ReportStore.load(from: file).written(as: .text)
    #expect(text.contains("0 of \(cells.count) cells ran: 0 passed, 0 failed"))
    #expect(text.contains("\(cells.count) not run, 0 missing"))
    #expect(!text.contains("✗ attention"))
    #expect(text.contains("this run did not end"))
  }

  @Test func `Markdown has a matrix, the parts, and days to expiry`() throws {
    let text = try written(.markdown)
    #expect(text.contains("| part | A01 | A07 | U02 |\n|---|:-:|:-:|:-:|\n"))
    #expect(text.contains("| nystrom | ✗ | · | k |\n| local | ✓ | ! | - |"))
    #expect(text.contains("| expires 2027-01-31, in 57 days |"))
    #expect(text.contains("```\nq = zeros(1, 2, 1)"))
  }

  @Test(arguments: [
    ("2026-12-05", "today"), ("2026-12-06", "in 1 day |"), ("2026-12-03", "2 days ago"),
  ])
  func `an expiry day is shown with the days left`(expires: String, words: String) throws {
    let note = KnownNote(
      reason: "r", link: "https://x.org", expires: try #require(CalendarDay(expires)))
    let report = try Report(
      run: Sample.run, expected: [Sample.cell()],
      results: [CellResult(Sample.cell(), .known(note))])
    #expect(try written(.markdown, report).contains(words))
  }

  @Test func `JUnit has a suite per part and a case per cell`() throws {
    let text = try written(.junit)
    let xml = try Elements(xml: text)
    // An extra suite with one case reports that the run is incomplete.
    #expect(xml.names.count { $0 == "testsuite" } == 3)
    #expect(xml.names.count { $0 == "testcase" } == 8)
    let root = try #require(xml.attributes.first)
    #expect(root["tests"] == "7" && root["failures"] == "1")
    #expect(root["errors"] == "1" && root["skipped"] == "3")
    #expect(text.contains("<skipped message=\"not applicable: no masks\"/>"))
    #expect(text.contains("<failure type=\"falsified\" message=\"o[0,0,0] moved by 50"))
    #expect(text.contains("<error type=\"missing\" message=\"expected, but not in the report\"/>"))
    #expect(text.contains("<skipped message=\"not run\"/>"))
    #expect(text.contains("<error type=\"missing\" message=\"1 cell not run\"/>"))
  }

  @Test func `a cell that timed out is not a crash in any format`() throws {
    let cell = Sample.cell()
    let failure = Failure(message: "timed out: no verdict came within 5 s")
    let result = CellResult(cell, .failed(.timedOut), failure: failure)
    let report = try Report(run: Sample.run, expected: [cell], results: [result])
    #expect(report.totals.failed == 1)
    #expect(report.verdictWords[cell.path] == ["failed", "timeout"])
    #expect(try Report(json: Data(report.json.utf8)) == report)
    for format in ReportFormat.allCases {
      let text = try written(format, report)
      #expect(text.contains("timeout") && text.contains("timed out") && !text.contains("crash"))
    }
    #expect(try written(.junit, report).contains("<error type=\"timeout\""))
  }

  @Test func `HTML is one page without scripts or external resources`() throws {
    let text = try written(.html)
    #expect(!text.contains("<script") && !text.contains("src="))
    #expect(text.contains("<td class=\"failed\">✗</td>"))
    #expect(text.contains("<a href=\"https://example.org/7\">"))
    #expect(text.contains("in 57 days"))
  }

  @Test(arguments: ReportFormat.allCases)
  func `an empty report does not look like a success`(format: ReportFormat) throws {
    let report = try Report(run: Sample.run, expected: [], results: [])
    let text = try written(format, report)
    switch format {
    case .json: #expect(text.contains("\"expected\": 0"))
    case .junit: #expect(text.contains("<error type=\"missing\""))
    default: #expect(text.contains("nothing was checked"))
    }
  }

  @Test func `no text in a report breaks its format`() throws {
    let nasty =
      "</pre><script>alert(1)</script>&\"'`|*_\u{1B}[2J\u{0}\u{7}\u{85}\u{202E}\u{FFFF}\r\n```\n]]>"
    let cells = [
      Cell(kind: .attention, part: nasty, law: .causality, dtype: "f64"),
      Cell(kind: .attention, part: nasty, law: .emptyRow, dtype: "f64"),
      Cell(kind: .attention, part: nasty, law: .oracle, dtype: "f64"),
    ]
    let failure = Failure(
      origin: nasty, printed: nasty, choices: nasty, reproduce: nasty, message: nasty,
      explain: nasty)
    let day = Sample.today
    var run = Sample.run
    run.selection = nasty
    let report = try Report(
      run: run, expected: cells,
      results: [
        CellResult(
          cells[0], .failed(.falsified), trials: 1, coverage: [nasty: 1], failure: failure),
        CellResult(cells[1], .notApplicable(reason: nasty)),
        CellResult(
          cells[2], .known(KnownNote(reason: nasty, link: "javascript:alert(1)", expires: day))),
      ])
    #expect(try Report(json: Data(report.json.utf8)) == report)
    for format in ReportFormat.allCases where format != .json {
      let text = try written(format, report)
      let controls = text.unicodeScalars.filter { $0.value < 0x20 && $0 != "\n" && $0 != "\t" }
      #expect(controls.isEmpty, "\(format)")
      #expect(!text.unicodeScalars.contains("\u{202E}"), "\(format)")
    }
    #expect(try !written(.html, report).contains("<script"))
    #expect(try !written(.html, report).contains("href=\"javascript"))
    let xml = try Elements(xml: written(.junit, report))
    #expect(xml.names.count { $0 == "testcase" } == 3)
    #expect(!xml.names.contains("script"))
    #expect(try written(.markdown, report).contains("````\n</pre>"))
    let tableRows = try written(.markdown, report).split(separator: "\n")
      .filter { $0.hasPrefix("| ") && $0.contains("alert") }
    #expect(tableRows.count == 2)
  }
}

/// The elements of an XML text in order; throws if it is not well formed.
private final class Elements: NSObject, XMLParserDelegate {
  private(set) var names: [String] = []
  private(set) var attributes: [[String: String]] = []

  struct NotWellFormed: Error {
    let line: Int
  }

  init(xml: String) throws {
    super.init()
    let parser = XMLParser(data: Data(xml.utf8))
    parser.delegate = self
    guard parser.parse() else { throw NotWellFormed(line: parser.lineNumber) }
  }

  func parser(
    _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
    qualifiedName: String?, attributes found: [String: String]
  ) {
    names.append(elementName)
    attributes.append(found)
  }
}
