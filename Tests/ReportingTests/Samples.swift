import Catalogue
import Foundation
import Reporting

/// Cells and reports that the tests share.
enum Sample {
  static func cell(
    _ part: String = "nystrom", _ law: LawID = .causality, _ dtype: String = "f64"
  ) -> Cell {
    Cell(kind: .attention, part: part, law: law, dtype: dtype)
  }

  static let run = RunDescription(
    profile: "ci", seed: 0, swift: "6.3.1", torch: "2.13.0", device: "cpu",
    registryHash: "0f", fixtureHashes: ["attention-nystrom": "aa"])

  static let today = CalendarDay("2026-12-05") ?? CalendarDay(daysSinceEpoch: 0)

  static let note = KnownNote(
    reason: "inverse in half precision", link: "https://example.org/7",
    expires: CalendarDay("2027-01-31") ?? today)

  static func passed(_ cell: Cell) -> CellResult {
    CellResult(
      cell, .passed, trials: 62, budget: 62, comparisons: 7688, worst: 0.031,
      coverage: ["m | S": 31, "S = 1": 4], seconds: 0.5)
  }

  static let failure = Failure(
    origin: "A01/0", printed: "q = zeros(1, 2, 1) with [0,0,0] = 1\nt = 1", choices: "AbC_-9",
    reproduce: "ZOO_REPLAY='attention nystrom/causality f32@AbC_-9' swift test --filter nystrom",
    message: "o[0,0,0] moved by 50, expected 0",
    shrink: .init(evaluations: 431, from: 120, to: 3), explain: "or any other value of k")

  /// One cell of each verdict, over two parts.
  static func everyVerdict() throws -> Report {
    let cells = [
      cell(), cell("nystrom", .causality, "f32"), cell("nystrom", .emptyRow),
      cell("nystrom", .oracle, "f16"), cell("local", .causality), cell("local", .emptyRow),
      cell("local", .oracle),
    ]
    return try Report(
      run: run, expected: cells,
      results: [
        passed(cells[0]),
        CellResult(cells[1], .failed(.falsified), trials: 9, budget: 62, failure: failure),
        CellResult(cells[2], .notApplicable(reason: "no masks")),
        CellResult(cells[3], .known(note)),
        passed(cells[4]),
        CellResult(cells[6], .notRun),
      ])
  }

  /// A new folder, which the caller removes.
  static func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("reports-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }
}
