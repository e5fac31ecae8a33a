import Catalogue
import Conformance
import JSON
import Parts
import Reporting
import Testing
import Torch

@Suite struct `laws of a definition` {
  private func verdicts(_ kit: Kit, _ part: String, _ prefix: String) throws -> [String: Verdict] {
    var found: [String: Verdict] = [:]
    for cell in kit.cells
    where cell.kind == .attention && cell.part == part && cell.law.code.hasPrefix(prefix) {
      let result = try kit.judge(cell)
      #expect(!result.verdict.isFailure, "\(result.text)")
      found[cell.law.code] = result.verdict
    }
    return found
  }

  @Test func `judge a copy of a part under another name`() throws {
    let kit = Kit { try $0.parts.add([.copiedLinformer]) }
    let found = try verdicts(kit, "copied", "LIN")
    #expect(found == ["LIN1": .passed, "LIN2": .passed, "LIN3": .passed, "LIN4": .passed])
  }

  @Test func `judge a part that has its own names for options and parameters`() throws {
    let kit = Kit { try $0.parts.add([.renamedNystrom]) }
    let found = try verdicts(kit, "renamed", "NYS")
    #expect(found.count == 8)
    #expect(found.values.allSatisfy { $0 == .passed })
  }

  @Test func `do not apply to parts of other definitions`() throws {
    let found = try verdicts(Kit(), "local", "NYS")
    #expect(found.count == 8)
    #expect(found.values.allSatisfy { $0 == .notApplicable(reason: "not defined as nystrom") })
  }
}

@Suite struct `naive forms` {
  private func precisionCell(_ kit: Kit, _ dtype: DType) throws -> CellResult {
    let cell = try #require(
      kit.cells.first {
        $0.part == "doubling" && $0.law == .oracle && $0.dtype == dtype.rawValue
      })
    return try kit.judge(cell)
  }

  @Test func `are needed in narrow types only, and a report says which is missing`() throws {
    let kit = Kit { try $0.parts.add([.doubling]) }
    #expect(
      try precisionCell(kit, .float16).verdict
        == .notApplicable(reason: "no naive form of doubling"))
    // In float64 it is the definition itself that is missing, and that is an error.
    #expect(try precisionCell(kit, .float64).verdict.isFailure)
  }

  @Test func `of a taken name are refused`() throws {
    var book = NaiveBook.zoo
    try book.add([NaiveForm("doubling") { try $0.input("inputs") + $0.input("inputs") }])
    let error = #expect(throws: KitError.self) {
      try book.add([NaiveForm("doubling") { try $0.input("inputs") }])
    }
    #expect("\(try #require(error))" == "the definition `doubling` has a naive form already")
    #expect(book.obstacle(Definition("doubling")) == nil)
    #expect(book.obstacle(Definition("tripling")) == "no naive form of tripling")
    #expect(
      book.obstacle(Definition("multihead", options: ["attention": ["name": "tripling"]]))
        == "no naive form of tripling")
  }
}
