import Catalogue
import Conformance
import Parts
import Properties
import Reporting
import Testing
import Torch

@Suite struct `universal laws` {
  private static let laws: [LawID] = [
    .shapeContract, .errorContract, .determinism, .purity, .historyIndependence,
    .batchIndependence, .gradientCheck, .stateDictRoundtrip, .configRoundtrip, .optionLiveness,
    .initStatistics, .parameterInventory, .threadIndependence, .handleBalance,
  ]

  private let kit = Kit {
    try $0.parts.add([
      .feedforward("scale", ScalePart.self, ScaleConfig.self, summary: "Scales channels.")
    ])
  }

  private func judge(_ law: LawID, _ sabotage: Sabotage, dtype: String = "f64") throws
    -> CellResult
  {
    try Sabotage.$current.withValue(sabotage) {
      try kit.judge(
        Cell(kind: .feedforward, part: "scale", law: law, dtype: dtype), profile: Profile(.faults))
    }
  }

  @Test(arguments: laws)
  func `a correct part passes, and something was compared`(law: LawID) throws {
    let result = try judge(law, .nothing)
    #expect(!result.verdict.isFailure, "\(result.text)")
    #expect(result.comparisons > 0)
  }

  @Test(
    arguments: [
      (.shapeContract, .broadcastsWidth, "inputs of length 1 along E"),
      (.shapeContract, .narrowsType, "the output has type f32"),
      (.errorContract, .leavesErrorsToTorch, "inputs of rank 4: nothing was thrown"),
      (.errorContract, .writesTwoLines, "several lines"),
      (.errorContract, .blamesAnother, "the error should describe inputs correctly"),
      (.errorContract, .acceptsAnyFactor, "`factor`: -1: nothing was thrown"),
      (.determinism, .countsCalls, "a second call"),
      (.determinism, .drawsWithoutSeed, "training again after the same seed"),
      (.purity, .writesInput, "modified by an inplace operation"),
      (.purity, .returnsInput, "shares memory with inputs"),
      (.purity, .sharesBuffer, "an output after the next call"),
      (.purity, .changesParameter, "parameter: weight"),
      (.batchIndependence, .addsBatchMean, "in the first item"),
      (.batchIndependence, .spreadsNaN, "NaN in the first item"),
      (.gradientCheck, .halvesDerivative, "parameter weight in a direction"),
      (.gradientCheck, .forgetsInput, "inputs, one entry"),
      (.stateDictRoundtrip, .hidesState, "the output after loading"),
      (.configRoundtrip, .swallowsFactor, "`factor`: 3"),
      (.historyIndependence, .remembersLongest, "after a longer call"),
      (.optionLiveness, .ignoresFactor, "`factor`: 2 and 3 never differ"),
      (.initStatistics, .ignoresSeed, "two seeds give `weight` the same values"),
      (.initStatistics, .drawsUniform, "`weight`"),
      (.initStatistics, .shiftsAtFirst, "`shift` does not begin at 0"),
      (.parameterInventory, .addsParameter, "the parameters are [\"more\""),
      (.parameterInventory, .narrowsWeight, "`weight` has the shape [1]"),
      (.parameterInventory, .ignoresShift, "the call does not use `shift`"),
      (.handleBalance, .keepsOutputs, "8 more calls leave"),
    ] as [(LawID, Sabotage, String)])
  func `a sabotaged part is rejected for its sabotage`(
    law: LawID, sabotage: Sabotage, reason: String
  ) throws {
    let result = try judge(law, sabotage)
    #expect(result.verdict == .failed(.falsified))
    #expect(result.failure?.message.contains(reason) == true, "\(result.text)")
  }

  @Test func `a part whose calls share a place is rejected by what threads see`() throws {
    let result = try judge(.threadIndependence, .sharesPlace)
    #expect(result.verdict.isFailure)
    #expect(result.failure?.message.contains("a call among others") == true, "\(result.text)")
  }

  @Test func `every law has a sabotage, a witness and a kind of every part`() {
    for law in LawBook.zoo.laws where Self.laws.contains(law.id) {
      #expect(law.witness != nil)
      #expect(law.id.kinds == LawID.everyKind)
    }
    #expect(LawBook.zoo.laws.filter { Self.laws.contains($0.id) }.count == Self.laws.count)
  }
}
