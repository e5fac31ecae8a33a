internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U23: initial values have the documented distribution, and the seed determines all of them and
  /// all others too.
  static let initStatistics = Law(
    .initStatistics, trials: 16, witness: "glorotOfInputsOnly",
    needs: [Need("no parameters") { !$0.parameters.isEmpty }], of: .itself,
    judging: ["parameters"]
  ) { setting, trial in
    let seed = setting.scenario.parameterSeed
    var states = try (0...24).map { step in
      try setting.subject.build(setting.scenario.config, seed: seed &+ UInt64(step % 24)).stateDict
    }
    for (key, value) in states.removeLast().sorted(by: { $0.key < $1.key }) {
      guard let first = states[0][key] else { continue }
      try trial.unchanged(value, first, label: "the same seed")
    }
    var drawn: [(key: String, values: [Double])] = []
    // The keys are those of another law.
    for (key, claim) in setting.claims.parameters.sorted(by: { $0.key < $1.key }) {
      let values = try states.compactMap { try $0[key]?.doubles() }
      trial.initial(values.flatMap(\.self), of: claim.initial, key)
      if case .constant = claim.initial { continue }
      guard let first = values.first else { continue }
      let isRenewed = zip(values, values.dropFirst()).allSatisfy { $0 != $1 }
      trial.expect(isRenewed, label: "another seed", "two seeds give `\(key)` the same values")
      if let twin = drawn.first(where: { $0.values == first })?.key {
        trial.fail(label: "separate draws", "`\(twin)` and `\(key)` have the same values")
      }
      drawn.append((key, first))
    }
  }
}

extension Trial {
  /// T6: asserts that independent numbers come from a distribution: its bounds, its mean, its spread,
  /// and its shape as far as those leave it open.
  mutating func initial(
    _ values: [Double], of initial: ParameterClaim.Initial, _ key: String
  ) {
    let count = Double(values.count)
    func moment(_ power: (Double) -> Double) -> Double { values.reduce(0) { $0 + power($1) } }
    func judge(_ what: String, _ deviation: Double) {
      self.judge(
        "`\(key)`, \(values.count) values, \(what)", abs(deviation), Threshold.manyDeviations, what)
    }
    switch initial {
    case .constant(let value):
      expect(
        values.allSatisfy { $0 == Double(Float(value)) }, label: "constant",
        "`\(key)` does not begin at \(value)")
    case .uniform(let bound):
      let largest = values.reduce(0) { max($0, abs($1)) }
      self.judge("`\(key)`, largest value", largest, Double(Float(bound).nextUp), "bounds")
      // The variance of uniform numbers is a third of the squared bound, that of their squares
      // 4/45 of its square.
      judge("mean", moment { $0 } / bound / (count / 3).squareRoot())
      judge(
        "spread", (moment { $0 * $0 } / (bound * bound) - count / 3) / (count * 4 / 45).squareRoot()
      )
    case .truncatedNormal(let deviation):
      let largest = values.reduce(0) { max($0, abs($1)) }
      // Numbers beyond two deviations are drawn again, which leaves this spread of one deviation.
      let bound = 2 * deviation / 0.879_625_661_034_239_78
      self.judge("`\(key)`, largest value", largest, Double(Float(bound).nextUp), "bounds")
      judge("mean", moment { $0 } / deviation / count.squareRoot())
      // The variance of the squares of such numbers, of variance 1.
      judge(
        "spread",
        (moment { $0 * $0 } / (deviation * deviation) - count)
          / (count * 1.365536717129649).squareRoot())
    case .normal(let deviation):
      judge("mean", moment { $0 } / deviation / count.squareRoot())
      judge("spread", Deviation.chiSquare(values.map { $0 / deviation }))
      let inside = values.count { abs($0) <= deviation }
      // erf(1/√2) of normal numbers are no further from the mean than one standard deviation.
      judge("shape", Deviation.binomial(inside, of: values.count, probability: 0.682_689_492_137))
    }
  }
}
