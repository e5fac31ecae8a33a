import Testing

@testable import Properties

@Suite struct `order of choices` {
  @Test func `integers go by distance, positive first`() {
    let domain = IntegerDomain(-3...5)
    #expect((0...8).map { domain.value(at: $0) } == [0, 1, -1, 2, -2, 3, -3, 4, 5])
    let high = IntegerDomain(10...14, toward: 0)
    #expect((0...4).map { high.value(at: $0) } == [10, 11, 12, 13, 14])
    let low = IntegerDomain(-9 ... -5)
    #expect((0...4).map { low.value(at: $0) } == [-5, -6, -7, -8, -9])
  }

  @Test func `index and value of integers are inverse on any range`() {
    let bounds = Gen<Int64>.int()
    let report = check(
      "integers/index is a bijection", Gen.zip(bounds, bounds, bounds, bounds), trials: 2000,
      profile: Profile(.ci)
    ) { input, trial in
      let range = min(input.0, input.1)...max(input.0, input.1)
      let domain = IntegerDomain(range, toward: input.2)
      let value = domain.clamp(input.3)
      trial.expect(domain.value(at: domain.index(of: value)) == value)
      trial.expect(domain.index(of: value) <= domain.lastIndex)
      trial.expect((domain.index(of: value) == 0) == (value == domain.toward))
    }
    #expect(report.isPassed, "\(report.summary)")
  }

  @Test func `doubles go from whole to fractional to special, negative last`() {
    let ordered: [Double] = [
      0, 1, 2, 1000, 0x1p53, 0x1p60, .greatestFiniteMagnitude, 0.5, 0.25, 0.75, 0.125, 0.1, 1.5,
      1.25, 2.5, .infinity, .nan, -0.0, -1, -2, -0.5, -.infinity,
    ]
    let keys = ordered.map { DoubleOrder.key($0) }
    #expect(keys == keys.sorted())
    #expect(Set(keys).count == keys.count)
  }

  @Test func `the simplest double of a range is found`() {
    #expect(DoubleOrder.simplest(in: -1...1) == 0)
    #expect(DoubleOrder.simplest(in: 2.5...7) == 3)
    #expect(DoubleOrder.simplest(in: -7 ... -2.5) == -3)
    #expect(DoubleOrder.simplest(in: 0.3...0.9) == 0.5)
    #expect(DoubleOrder.simplest(in: 0.3...0.3) == 0.3)
    let tiny = Double.leastNonzeroMagnitude
    #expect(DoubleOrder.simplest(in: tiny...16 * tiny) == 16 * tiny)
  }

  @Test func `the order of doubles is strict over random pairs`() {
    let value = Gen.double(specials: .all)
    let report = check(
      "doubles/keys are distinct", Gen.zip(value, value), trials: 5000, profile: Profile(.ci)
    ) { pair, trial in
      let isSame = pair.0.bitPattern == pair.1.bitPattern || pair.0.isNaN && pair.1.isNaN
      let (a, b) = (DoubleOrder.key(pair.0), DoubleOrder.key(pair.1))
      trial.expect((a == b) == (isSame || pair.0.isNaN && pair.1.isNaN))
    }
    #expect(report.isPassed, "\(report.summary)")
  }
}
