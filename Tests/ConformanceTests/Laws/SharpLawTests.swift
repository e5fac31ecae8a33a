import Catalogue
import Conformance
import JSON
import Oracles
import Parts
import Properties
import Reporting
import Testing
import Torch

@Suite struct `laws of a definition` {
  private func verdicts(_ kit: Kit, _ part: String, _ prefix: String) throws -> [String: Reporting
    .Verdict]
  {
    var found: [String: Reporting.Verdict] = [:]
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
    #expect(try verdicts(kit, "renamed", "A14") == ["A14": .passed])
  }

  @Test func `do not apply to parts of other definitions`() throws {
    let found = try verdicts(Kit(), "local", "NYS")
    #expect(found.count == 8)
    #expect(found.values.allSatisfy { $0 == .notApplicable(reason: "not defined as nystrom") })
  }
}

/// Laws on parts whose keys and errors are not the zoo's.
@Suite struct `laws that ask for no key by its name` {
  private let kit = Kit {
    try $0.parts.add([.renamedLocal, .reachLocal, .renamedRandom, .grumblingLinformer])
  }

  private func judge(
    _ part: String, _ code: String, _ mistake: OutsideMistake = .nothing
  ) throws -> CellResult {
    let cell = try #require(
      kit.cells.first { $0.part == part && $0.law.code == code && $0.kind == .attention })
    return try OutsideMistake.$current.withValue(mistake) {
      try kit.judge(cell, profile: Profile(.faults))
    }
  }

  @Test(
    arguments: [
      ("renamed_local", "LOC1"), ("renamed_local", "LOC2"), ("renamed_local", "LOC3"),
      ("renamed_local", "LOC4"), ("renamed_local", "U17"), ("renamed_local", "U18"),
      ("renamed_local", "U19"), ("reach_local", "LOC1"),
      ("reach_local", "LOC2"), ("reach_local", "LOC3"), ("reach_local", "LOC4"),
      ("renamed_random", "RND1"), ("renamed_random", "RND2"), ("renamed_random", "RND3"),
      ("renamed_random", "U05"), ("grumbling", "A26"),
    ])
  func `judge a correct part, and pass it`(part: String, code: String) throws {
    let result = try judge(part, code)
    #expect(result.verdict == .passed, "\(result.text)")
  }

  @Test(
    arguments: [
      ("renamed_local", "LOC1", .seesFurther, "full attention with a band"),
      ("renamed_local", "LOC3", .seesFurther, "the value itself"),
      ("renamed_local", "LOC4", .seesFurther, "keys that are added"),
      ("renamed_local", "LOC2", .capsWindow, "full attention"),
      ("renamed_local", "LOC3", .ignoresWidth, "the value itself"),
      ("renamed_local", "LOC4", .ignoresWidth, "keys that are added"),
      ("renamed_local", "LOC1", .takesEvenWidths, "an even window: nothing was thrown"),
      ("renamed_local", "LOC1", .blamesUnknownKey, "should be about the value of `width`"),
      ("renamed_local", "LOC1", .blamesAnotherKey, "should be about the value of `width`"),
      ("reach_local", "LOC1", .seesFurther, "full attention with a band"),
      ("reach_local", "LOC2", .capsWindow, "full attention"),
      ("renamed_local", "U17", .ignoresLoss, "all dropped by `loss`"),
      ("renamed_local", "U18", .ignoresLoss, "weights: kept "),
      ("renamed_local", "U19", .ignoresLoss, "with `loss` at 0.5 the output in training"),
      ("renamed_local", "U19", .hidesLoss, "with `loss` at 0.5 training differs from evaluation"),
      ("renamed_random", "RND2", .drawsHalf, "pairs in all"),
      ("renamed_random", "RND2", .takesNoPairs, "no pairs: nothing was thrown"),
      ("renamed_random", "RND3", .renewsPattern, "the pattern after other lengths"),
      ("grumbling", "A26", .blamesNothing, "the error does not mention `"),
      ("grumbling", "A26", .blamesValues, "the error should describe"),
      ("grumbling", "A26", .throwsUnknownTensor, "the error should describe"),
    ] as [(String, String, OutsideMistake, String)])
  func `see a part's mistake`(
    part: String, code: String, mistake: OutsideMistake, reason: String
  ) throws {
    let result = try judge(part, code, mistake)
    #expect(result.verdict == .failed(.falsified))
    #expect(result.failure?.message.contains(reason) == true, "\(result.text)")
  }
}

/// A part whose visible pairs are of none of the known shapes, and whose definition is its own.
@Suite struct `an attention with a pattern and a definition of its own` {
  private let kit = Kit {
    try $0.parts.add([.sinks, .renamedRandom])
    try $0.oracles.add([.sinks])
  }

  private func judge(
    _ code: String, _ mistake: OutsideMistake = .nothing, part: String = "sinks", in kit: Kit
  ) throws -> CellResult {
    try OutsideMistake.$current.withValue(mistake) {
      let cell = try #require(
        kit.cells.first { $0.part == part && $0.law.code == code && $0.kind == .attention })
      return try kit.judge(cell, profile: Profile(.ci))
    }
  }

  @Test(arguments: ["A02", "A05", "A07", "A10", "A13", "A14", "A25", "U02"])
  func `is judged by it`(code: String) throws {
    let result = try judge(code, in: kit)
    #expect(result.verdict == .passed, "\(result.text)")
  }

  @Test func `is seen to declare the wrong pairs, itself or by its draws`() throws {
    #expect(try judge("A02", .declaresNoSinks, in: freshKit).verdict == .failed(.falsified))
    let drawn = try judge("A02", .reportsOthers, part: "renamed_random", in: kit)
    #expect(drawn.verdict == .failed(.falsified))
  }

  @Test(arguments: ["A02", "A13", "A14", "A25"])
  func `meets no law about visible pairs without a pattern`(code: String) throws {
    #expect(
      try judge(code, .declaresNoPattern, in: freshKit).verdict
        == .notApplicable(reason: "no exact pattern"))
  }

  @Test func `fails once, and with advice, if the kit lacks the definition`() throws {
    let kit = Kit { try $0.parts.add([.sinks]) }
    let result = try judge("U02", in: kit)
    let message = try #require(result.failure?.message)
    #expect(result.verdict == .failed(.unhealthy))
    for text in [
      "claims the definition `sinks`", "`Kit { try $0.oracles.add([sinks]) }`",
      "SinkAttention.swift:",
    ] {
      #expect(message.contains(text), "\(message)")
    }
    let needing = kit.cells.filter {
      $0.part == "sinks" && ["U02", "FIX", "A10", "A21", "A23", "A26", "M01"].contains($0.law.code)
    }
    let failing = try needing.filter { try kit.judge($0).verdict.isFailure }
    #expect(failing.map(\.path) == ["attention sinks/oracle f64"])
  }

  /// Claims are found once for each kit.
  private var freshKit: Kit { Kit { try $0.parts.add([.sinks]) } }
}

@Suite struct `naive forms` {
  private func precisionCell(_ kit: Kit, _ dtype: DType) throws -> CellResult {
    let cell = try #require(
      kit.cells.first {
        $0.part == "doubling" && $0.law == .oracle && $0.dtype == dtype.rawValue
      })
    return try kit.judge(cell)
  }

  /// The kit with a part that doubles, and a definition that multiplies.
  private func kit(definedAs factor: Double) -> Kit {
    Kit {
      try $0.parts.add([.doubling])
      try $0.oracles.add([
        Oracle(name: "doubling", file: "") { call in
          var output = try call.input("inputs")
          output.values = output.values.map { factor * $0 }
          return output
        }
      ])
    }
  }

  @Test(arguments: [DType.float64, .float32, .bfloat16, .float16])
  func `are not needed, since the spread of a definition bounds rounding, too`(
    dtype: DType
  ) throws {
    #expect(try precisionCell(kit(definedAs: 2), dtype).verdict == .passed)
    #expect(try precisionCell(kit(definedAs: 2.5), dtype).verdict == .failed(.falsified))
  }

  @Test func `with a taken name are refused`() throws {
    var book = NaiveBook.zoo
    try book.add([NaiveForm("doubling") { try $0.input("inputs") + $0.input("inputs") }])
    let error = #expect(throws: KitError.self) {
      try book.add([NaiveForm("doubling") { try $0.input("inputs") }])
    }
    #expect("\(try #require(error))" == "the definition `doubling` has a naive form already")
    #expect(book.obstacle(Definition("doubling")) == nil)
    #expect(book.obstacle(Definition("tripling")) == "no naive form of tripling in the kit")
    #expect(
      book.obstacle(Definition("multihead", options: ["attention": ["name": "tripling"]]))
        == "no naive form of tripling in the kit")
  }
}
