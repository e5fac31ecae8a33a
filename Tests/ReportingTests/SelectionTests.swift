import Catalogue
import Reporting
import Testing

@Suite struct `selection` {
  private static let cells: [Cell] = [
    Sample.cell("nystrom", .causality), Sample.cell("nystrom", .emptyRow, "f16"),
    Sample.cell("local", .causality, "f32"), Sample.cell("scaled_dot_product", .oracle),
    Cell(kind: .feedforward, part: "MLP", law: .oracle, dtype: "bf16"),
  ]

  private static let claims: [String: [String]] = ["local": ["causal", "masks"]]

  private func select(
    _ expression: String, report: Report? = nil
  ) throws(SelectionError) -> [Int] {
    let verdicts = report?.verdictWords ?? [:]
    return try Selection(expression).select(from: Array(Self.cells.indices)) { index in
      let cell = Self.cells[index]
      return SelectionSubject(
        cell, claims: Self.claims[cell.part] ?? [], verdicts: verdicts[cell.path] ?? [])
    }
  }

  @Test(
    arguments: [
      ("*", [0, 1, 2, 3, 4]), ("nystrom", [0, 1]), ("NYST", [0, 1]), ("ystro", [0, 1]),
      ("causality", [0, 2]), ("usal", [0, 2]), ("attention", [0, 1, 2, 3]), ("forward", [4]),
      ("mlp", [4]), ("A01", [0, 2]), ("a01", [0, 2]), ("A0*", [0, 1, 2]), ("leak", [0, 2, 3, 4]),
      ("masks", [1]), ("mask", [1]), ("f64", [0, 3]), ("*16", [1, 4]), ("n*m", [0, 1, 3, 4]),
      ("s*d", [3]), ("empty-row", [1]), ("scaled_dot", [3]), ("**", [0, 1, 2, 3, 4]),
    ] as [(String, [Int])])
  func `a bare word matches substrings and whole words`(expression: String, expected: [Int]) throws
  {
    #expect(try select(expression) == expected)
  }

  @Test func `a code matches only its law, not laws with the code in their names`() throws {
    let cells = [Sample.cell("local", .golden), Sample.cell("local", .causalPrefix)]
    #expect(cells[1].law.name.contains("fix"))
    for word in ["FIX", "fix"] {
      let chosen = try Selection(word).select(from: cells) { SelectionSubject($0) }
      #expect(chosen == [cells[0]])
    }
    // If no cell has this code, it is a word like any other.
    #expect(try Selection("fix").select(from: [cells[1]]) { SelectionSubject($0) } == [cells[1]])
  }

  @Test(
    arguments: [
      ("part:nystrom", [0, 1]), ("part:nys*", [0, 1]), ("kind:feedforward", [4]),
      ("law:causality", [0, 2]), ("code:a07", [1]), ("tag:causality", [0, 2]),
      ("tag:norm", [1, 3, 4]),
      ("dtype:f*", [0, 1, 2, 3]), ("claim:causal", [2]), ("part:MLP", [4]), ("claim:*", [2]),
    ] as [(String, [Int])])
  func `a field matches whole words of that field`(expression: String, expected: [Int]) throws {
    #expect(try select(expression) == expected)
  }

  @Test(
    arguments: [
      ("nystrom and causality", [0]), ("nystrom or mlp", [0, 1, 4]), ("not nystrom", [2, 3, 4]),
      ("not not nystrom", [0, 1]), ("nystrom or local and f32", [0, 1, 2]),
      ("(nystrom or local) and f32", [2]), ("not nystrom and not mlp", [2, 3]),
      ("not (nystrom or mlp)", [2, 3]), ("((nystrom))", [0, 1]), (" nystrom\tand\nf16 ", [1]),
      ("causality and not(local)", [0]), ("part:and or nystrom", nil),
    ] as [(String, [Int]?)])
  func `operators have the right precedence`(expression: String, expected: [Int]?) throws {
    if let expected {
      #expect(try select(expression) == expected)
    } else {
      #expect(throws: SelectionError.self) { try select(expression) }
    }
  }

  @Test(
    arguments: [
      ("", 0, "the selection is empty"), ("  ", 0, "the selection is empty"),
      ("nystrom and", 11, "got the end of the expression"), ("and nystrom", 0, "got \"and\""),
      ("nystrom local", 8, "expected \"and\" or \"or\", got \"local\""),
      ("nystrom AND local", 8, "keywords are lower case"), ("(nystrom", 8, "\")\" is missing"),
      ("(nystrom local)", 9, "expected \"and\", \"or\" or \")\""),
      ("nystrom)", 7, "\")\" without \"(\""),
      ("()", 1, "got \")\""), ("not", 3, "got the end of the expression"),
      ("a or or b", 5, "got \"or\""),
      ("nystrom & local", 8, "\"&\" is not allowed in a word"), ("'*'", 0, "is not allowed"),
      ("prat:x", 0, "unknown field \"prat\", nearest is \"part\""),
      ("nystrom and family:masks", 12, "unknown field \"family\""),
      ("Part:x", 0, "nearest is \"part\""), ("part:", 5, "expected a word right after \"part:\""),
      ("part: x", 5, "expected a word right after \"part:\""),
      (":x", 0, "expected a field before the colon"),
      ("part:a:b", 6, "expected a field before the colon"), ("not:x", 0, "unknown field \"not\""),
    ] as [(String, Int, String)])
  func `a syntax error points at its place`(expression: String, column: Int, message: String) throws
  {
    let error = #expect(throws: SelectionError.self) { try select(expression) }
    let text = try #require(error?.description)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 2)
    #expect(lines[1].hasPrefix(String(repeating: " ", count: column) + "^ "), "\(text)")
    #expect(text.contains(message), "\(text)")
    #expect(error?.exitStatus == .usage)
  }

  @Test func `the caret is below the word, whatever the expression contains`() throws {
    let error = #expect(throws: SelectionError.self) { try select("a\t\u{1B}b or") }
    #expect(error?.description.hasPrefix("a  b or\n  ^ ") == true)
    #expect(error?.description.contains("\u{1B}") == false)
  }

  @Test(arguments: [
    ("nystorm", "nystrom"), ("nystrom or nystorm", "nystrom"), ("not nystorm", "nystrom"),
    ("* or causalty", "causality"), ("part:nystro", "nystrom"), ("dtype:f6", "f64"),
    ("tag:leek", "leak"), ("kind:atention", "attention"), ("code:A02", "A01"),
    ("claim:casual", "causal"), ("nystrom and not (mlp or locall)", "local"),
  ])
  func `a word that matches nothing is an error, whatever else the expression matches`(
    expression: String, nearest: String
  ) throws {
    let error = #expect(throws: SelectionError.self) { try select(expression) }
    #expect(
      error?.description.contains("the nearest word is \"\(nearest)\"") == true,
      "\(error?.description ?? "selected")")
    #expect(error?.exitStatus == .nothingSelected)
  }

  @Test func `words that match only different cells select nothing`() {
    let error = #expect(throws: SelectionError.self) { try select("nystrom and mlp") }
    #expect(error == .nothing(expression: "nystrom and mlp"))
    #expect(error?.exitStatus == .nothingSelected)
    #expect(throws: SelectionError.nothing(expression: "not *")) { try select("not *") }
  }

  @Test func `nothing is selected from nothing`() {
    let error = #expect(throws: SelectionError.self) {
      try Selection("*").select(from: [Cell]()) { SelectionSubject($0) }
    }
    #expect(error?.exitStatus == .nothingSelected)
  }

  @Test func `verdicts come from the last report`() throws {
    let results = [
      Sample.passed(Self.cells[0]),
      CellResult(Self.cells[1], .failed(.flaky), failure: Sample.failure),
      CellResult(Self.cells[2], .notApplicable(reason: "not causal")),
      CellResult(Self.cells[3], .known(Sample.note)),
    ]
    let report = try Report(run: Sample.run, expected: Self.cells, results: results)
    #expect(try select("verdict:failed", report: report) == [1])
    #expect(try select("verdict:flaky", report: report) == [1])
    #expect(try select("verdict:passed or verdict:missing", report: report) == [0, 4])
    #expect(try select("verdict:notapplicable", report: report) == [2])
    #expect(try select("verdict:known and verdict:knownFailure", report: report) == [3])
    #expect(try Selection("nystrom and not verdict:failed").asksForVerdicts)
    #expect(try !Selection("failed").asksForVerdicts)
  }

  @Test func `a missing report, a verdict of no cell and an unknown verdict have different errors`()
    throws
  {
    let without = #expect(throws: SelectionError.self) { try select("verdict:failed") }
    #expect(without?.description.contains("no last report") == true)
    let report = try Report(
      run: Sample.run, expected: Self.cells, results: Self.cells.map(Sample.passed))
    let none = #expect(throws: SelectionError.self) {
      try select("verdict:failed", report: report)
    }
    #expect(none?.description.hasSuffix("\"failed\" matches nothing") == true)
    let typo = #expect(throws: SelectionError.self) {
      try select("verdict:faild", report: report)
    }
    #expect(typo?.description.contains("nearest word is \"failed\"") == true)
    for error in [without, none, typo] { #expect(error?.exitStatus == .nothingSelected) }
  }

  @Test func `long and deep expressions do not crash`() throws {
    let long = Array(repeating: "nystrom", count: 5_000).joined(separator: " or ")
    #expect(try select(long) == [0, 1])
    for deep in [
      String(repeating: "(", count: 100_000), String(repeating: "not ", count: 100_000) + "a",
    ] {
      let error = #expect(throws: SelectionError.self) { try select(deep) }
      #expect(error?.description.contains("nested more than") == true)
    }
    let stars = String(repeating: "*a", count: 2_000)
    #expect(throws: SelectionError.self) { try select(stars) }
  }
}
