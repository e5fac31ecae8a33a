import Foundation
import JSON
import LongRangeArena
import Testing

struct ResultTableTests {
  /// The table of results, each with its folder under the checkpoints.
  private func table(
    _ files: [(folder: String, text: String)], expected: [(attention: String, task: String)] = [],
    body: (ResultTable, [String]) throws -> Void
  ) throws {
    try inTemporaryFolder { folder in
      for (path, text) in files {
        let run = "\(folder)/\(path)"
        try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
        try write(text, to: run + "/test_eval_summary.json")
      }
      let (results, problems) = try ArenaResult.all(in: folder)
      try body(ResultTable(results, expected: expected), problems)
    }
  }

  @Test func `a missing cell is left out of the average, with a note`() throws {
    try table(
      [
        ("local/listops/listops__local", summary("local", 0.2)),
        ("local/text/text__local", summary("local", 0.6, task: "text")),
        ("linear/text/text__linear", summary("linear", 0.7, task: "text")),
      ], expected: [("linear", "listops"), ("global", "text")]
    ) { table, problems in
      #expect(problems.isEmpty)
      #expect(
        table.headings
          == ["attention", "source", "listops", "majority", "first operator", "text", "AVG"])
      let here = table.rows.filter { $0[1] == "here" }
      #expect(
        here == [
          ["global", "here", "-", "17", "36", "-", "-"],
          ["linear", "here", "-", "17", "36", "70.00", "70.00 *"],
          ["local", "here", "20.00", "17", "36", "60.00", "40.00"],
        ])
      #expect(
        table.notes.first
          == "* AVG leaves out tasks without a result: global (listops, text); linear (listops).")
    }
  }

  @Test func `published numbers stand below the attention they are about`() throws {
    try table([("linear/text/text__linear", summary("linear", 0.7, task: "text"))]) { table, _ in
      #expect(
        Array(table.rows.dropFirst().prefix(1)) == [
          ["Linear transformer", "Tay et al. 2021", "65.90", "65.90"]
        ])
      #expect(table.rows.contains { $0[0] == "BigBird" })
      #expect(table.notes.contains { $0.contains("(long-range-arena #2, #34)") })
    }
    try table([("linear/digits/digits__linear", summary("linear", 0.7, task: "digits"))]) {
      table, _ in
      #expect(table.rows.count == 1 && table.notes.isEmpty)
    }
  }

  @Test func `seeds have a mean and a spread, and the point that is best on dev counts`() throws {
    let runs = [("a=1,seed=1", 0.3, 0.4), ("a=1,seed=2", 0.5, 0.6), ("a=2,seed=1", 0.9, 0.45)]
    try table(
      runs.map { tag, test, dev in
        ("local/text/\(tag)/text__local", summary("local", test, task: "text", dev: dev))
      }
    ) { table, _ in
      #expect(table.rows.first == ["local", "here", "40.00 ± 14.14 (2 seeds)", "40.00"])
      #expect(
        table.notes.contains(
          "local on text: of 2 results that differ in more than the seed, a=1 is best on dev with 50.00."
        ))
      let cell = table.json["rows"]?[0]?["cells"]?["text"]
      #expect(cell?["runs"]?.array?.count == 2 && cell?["runs"]?[0]?["parameters"] == 7)
    }
  }

  @Test func `cells tell steps and data, and published averages what they are of`() throws {
    func result(_ attention: String, _ task: String, _ steps: Int, _ hash: String) -> String {
      summary(attention, 0.5, task: task).replacing(
        "{\"task\"",
        with: """
          {"steps": \(steps), "data_hash": "\(hash)", "data": "generator \(hash)",
           "train_examples": 30, "split": "in order", "task"
          """)
    }
    try table([
      ("a/digits__local", result("local", "digits", 20, "d1")),
      ("a/text__local", result("local", "text", 20, "t1")),
      ("a/text__linear", result("linear", "text", 30, "t2")),
      ("b/text__local", result("local", "text", 10, "t1")),
    ]) { table, problems in
      #expect(problems.isEmpty)
      let cells = table.rows.filter { $0[1] == "here" }.map { Array($0[2...3]) }
      #expect(
        cells[0] == ["50.00 (30 steps, data a)", "-"] && cells[1][1] == "50.00 (20 steps)"
          && cells[1][0].hasSuffix("0 steps, data b)"), "\(cells)")
      for note in [
        "text, data b: generator t1; in order; 30 examples to train (hash t1).",
        "digits: generator d1; in order; 30 examples to train (hash d1).",
        "* AVG of published rows is that of text.",
      ] { #expect(table.notes.contains(note), "\(table.notes)") }
      #expect(table.notes.contains { $0.hasPrefix("local on text: of 2 results") })
    }
  }

  @Test func `a malformed result is named, and the others count`() throws {
    try table([
      ("local/text/text__local", summary("local", 0.6, task: "text")),
      ("linear/text/text__linear", "{"), ("global/text/text__global", "{}"),
      ("favor/text/text__favor", summary("favor", 60, task: "text")),
      ("nystrom/text/text__nystrom", summary("lambda", 0.5, task: "text")),
    ]) { table, problems in
      #expect(table.attentions == ["local"])
      let expected = [
        ("text__favor", "test_accu_mean is 60"), ("text__global", "attention is missing"),
        ("text__linear", "1:2"), ("text__nystrom", "is of lambda on text"),
      ]
      #expect(problems.count == expected.count)
      for (problem, (file, reason)) in zip(problems, expected) {
        #expect(problem.contains(file) && problem.contains(reason))
      }
    }
  }
}
