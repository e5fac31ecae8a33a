import Testing

@testable import Properties

/// A generator that no value can be drawn from, and what its check must say.
struct WrongGenerator: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let expected: String
  let report: @Sendable () -> CellReport

  init<Value: Sendable>(_ name: String, _ generator: Gen<Value>, _ expected: String) {
    testDescription = name
    self.expected = expected
    report = {
      check("wrong/\(name)", generator, profile: Profile(.ci)) { $1.compared() }
    }
  }
}

private let wrongGenerators: [WrongGenerator] = {
  let ints = Gen.int(0...9)
  let weights = "finite weights of at least 0, not all of them 0"
  func frequency(_ weights: [Double]) -> Gen<Int> { .frequency(weights.map { ($0, ints) }) }
  func tensor(_ fills: FillSet) -> Gen<TensorRecipe> { .tensor([2], fills: fills) }
  func drawing<Value: Sendable>(
    _ draw: @escaping @Sendable (inout Source) throws(Rejected) -> Value
  ) -> Gen<Value> { Gen("drawing", draw) }
  return [
    WrongGenerator("element", Gen<Int>.element(of: []), "at least one alternative, got \"none\""),
    WrongGenerator("oneOf", Gen<Int>.oneOf([]), "at least one alternative, got \"none\""),
    WrongGenerator("frequency", frequency([]), "at least one alternative, got \"none\""),
    WrongGenerator("weights 0", frequency([0, 0]), "\(weights), got [0.0, 0.0]"),
    WrongGenerator("weight -1", frequency([2, -1]), "\(weights), got [2.0, -1.0]"),
    WrongGenerator("weight nan", frequency([1, .nan]), "\(weights), got [1.0, nan]"),
    WrongGenerator("weight inf", frequency([1, .infinity]), "\(weights), got [1.0, inf]"),
    WrongGenerator("weights sum", frequency([1e308, 1e308]), "\(weights), got"),
    WrongGenerator(
      "stratified", Gen<Int>.stratified("mode", []),
      "at least one value of the option 'mode', got \"none\""),
    WrongGenerator("bool 2", .bool(2), "a probability from 0 to 1, got 2.0"),
    WrongGenerator("bool -1", .bool(-1), "a probability from 0 to 1, got -1.0"),
    WrongGenerator("bool nan", .bool(.nan), "a probability from 0 to 1, got nan"),
    WrongGenerator(
      "double inf", .double(.infinity ... .infinity), "a range that holds a finite number, got"),
    WrongGenerator("list", .list(of: ints, count: -1...3), "a count of at least 0, got"),
    WrongGenerator("list of count", .list(of: ints, count: -1), "a count of at least 0, got -1"),
    WrongGenerator("set", .set(of: ints, count: -1...3), "a count of at least 0, got"),
    WrongGenerator("permutation", .permutation(-1), "a count of at least 0, got -1"),
    WrongGenerator(
      "recursive", .recursive(depth: -1, leaf: ints) { $0 }, "a depth of at least 0, got -1"),
    WrongGenerator("extent", .tensor([2, -1]), "extents of at least 0 and at most"),
    WrongGenerator("entries", .mask([1 << 20, 1 << 20]), "extents of at least 0 and at most"),
    WrongGenerator("overflow", .tensor([0, 1 << 62, 4]), "extents of at least 0 and at most"),
    WrongGenerator("fills", tensor(FillSet([])), "at least one fill, got \"none\""),
    WrongGenerator(
      "all excluded", tensor(.only(.zeros).excluding(.zeros)), "at least one fill, got \"none\""),
    WrongGenerator("fill weight", tensor(FillSet([(.zeros, 0)])), "\(weights), got [0.0]"),
    WrongGenerator(
      "mask probability", .mask([2], fills: .only(.mask(.random(2)))),
      "a random mask with a probability from 0 to 1, got 2.0"),
    WrongGenerator(
      "mask fills", .mask([2], fills: .only(.normal)), "fills that are masks, got [\"normal\"]"),
    WrongGenerator(
      "drawn later", Gen.int(-3 ... -1).flatMap { .permutation($0) }, "a count of at least 0, got"),
    WrongGenerator(
      "source alternative", drawing { s throws(Rejected) in try s.alternative([]) },
      "at least one alternative"),
    WrongGenerator(
      "source boolean", drawing { s throws(Rejected) in try s.boolean(.infinity) },
      "a probability from 0 to 1, got inf"),
    WrongGenerator(
      "source stratum", drawing { s throws(Rejected) in try s.stratum("a", values: []) },
      "at least one value of the option 'a'"),
  ]
}()

@Suite struct `wrong calls` {
  private let profile = Profile(.ci)

  @Test(arguments: wrongGenerators)
  func `a generator that cannot make a value fails its check and names its line`(
    wrong: WrongGenerator
  ) {
    let report = wrong.report()
    #expect(report.verdict == .failed(.unhealthy))
    #expect(report.reason?.contains("expected \(wrong.expected)") == true, "\(report.summary)")
    #expect(report.reason?.hasPrefix("PropertiesTests/WrongCallTests.swift:") == true)
  }

  @Test func `the line named is that of the call`() {
    let line: UInt = #line + 1
    let generator = Gen<Int>.element(of: [])
    let report = check("wrong/line", generator, profile: profile) { $1.compared() }
    #expect(report.reason?.contains("WrongCallTests.swift:\(line): expected") == true)
    #expect(throws: Rejected.self) { try generator.sample(seed: 0) }
    let error = #expect(throws: Rejected.self) { try generator.simplest }
    #expect(error?.description == report.reason)
  }

  @Test func `a wrong call does not hide behind a stored failure`() throws {
    let first = check("wrong/stored", .int(0...9), profile: profile) { $1.expect($0 < 5) }
    let blob = try #require(first.failure).choices
    let again = replay("wrong/stored", Gen<Int>.element(of: []), blob: blob) { $1.compared() }
    #expect(again.verdict == .failed(.unhealthy))
    #expect(again.reason?.contains("at least one alternative") == true)
  }

  @Test(arguments: [0, -1, 1.5, .nan, .infinity])
  func `an impossible share is reported`(share: Double) {
    let report = check("wrong/share", .int(0...9), profile: profile) { number, trial in
      trial.cover(share, "even", number.isMultiple(of: 2))
      trial.expect(number < 10)
    }
    #expect(report.verdict == .failed(.unhealthy))
    #expect(
      report.reason?.contains("expected a share of 'even' above 0 and at most 1, got \(share)")
        == true, "\(report.summary)")
  }

  @Test func `impossible numbers are reported`() {
    let counted = check("wrong/count", .int(0...9), profile: profile) { _, trial in
      trial.cover(atLeast: 0, "any", true)
      trial.compared()
    }
    #expect(counted.reason?.contains("a number of 'any' of at least 1, got 0") == true)
    for count in [-1, Int.max] {
      let compared = check("wrong/compared", .int(0...9), profile: profile) {
        $1.compared(count)
      }
      #expect(compared.reason?.contains("comparisons from 0 to 4294967296, got \(count)") == true)
    }
  }

  @Test(arguments: [Profile.Name.ci, .dev, .nightly], [0, -1, Int.max])
  func `impossible numbers of trials are reported`(name: Profile.Name, trials: Int) {
    let direct = check("wrong/trials", .int(0...9), trials: trials, profile: Profile(name)) {
      $1.compared()
    }
    #expect(direct.verdict == .failed(.unhealthy))
    #expect(direct.reason?.hasPrefix("expected a number of trials from 1 to") == true)
    var profile = Profile(name)
    profile.trials = trials
    let overridden = check("wrong/trials", .int(0...9), profile: profile) { $1.compared() }
    #expect(overridden.reason == direct.reason)
    #expect(Profile(name).budget(trials) > 0)
  }

  @Test func `what is too large is unhealthy, not endless`() {
    func reason<Value: Sendable>(_ generator: Gen<Value>) -> String? {
      check("wrong/large", generator, profile: profile) { $1.compared() }.reason
    }
    #expect(reason(.list(of: .constant(0), count: .max))?.contains(Source.limits) == true)
    #expect(reason(.list(of: .bool(), count: 10_000...Int.max))?.contains("8192") == true)
    #expect(reason(.permutation(.max))?.contains("8192") == true)
    #expect(reason(endless())?.contains("2048 nested") == true)
    #expect(reason(Gen.set(of: .bool(), count: 3...4))?.contains("rejected") == true)
    let wide = check("wrong/wide", .list(of: .bool(), count: 1 ... .max), profile: profile) {
      $1.expect($0.count > 0)
    }
    #expect(wide.isPassed, "\(wide.summary)")
  }
}

/// Draws from itself without end.
private func endless() -> Gen<Int> {
  Gen("endless") { source throws(Rejected) in try source.draw(endless()) }
}

@Suite struct `wrong recipes` {
  @Test func `a wrong recipe is refused with its line`() {
    let shapes = "extents of at least 0 and at most 4294967295 entries, got"
    expectError("\(shapes) [2, -1]") { () throws(Rejected) in
      try TensorRecipe(shape: [2, -1], fill: .zeros)
    }
    expectError("\(shapes) [1099511627776, ") { () throws(Rejected) in
      try TensorRecipe(shape: [1 << 40, 1 << 40], fill: .zeros)
    }
    expectError("a random mask with a probability from 0 to 1, got nan") { () throws(Rejected) in
      try TensorRecipe(shape: [2], fill: .mask(.random(.nan)))
    }
    let overrides = (0..<257).map { TensorRecipe.Override([$0], 1) }
    expectError("at most 256 overrides, got 257") { () throws(Rejected) in
      try TensorRecipe(shape: [300], fill: .zeros, overrides: overrides)
    }
  }

  @Test func `so is an index outside of the shape`() throws {
    let recipe = try TensorRecipe(shape: [2, 3], fill: .zeros)
    expectError("an index inside the shape [2, 3], got [9223372036854775807, ") {
      () throws(Rejected) in try recipe.flatIndex([.max, .max])
    }
    expectError("an index inside the shape [2, 3], got [1]") { () throws(Rejected) in
      try recipe.with([1], 5)
    }
  }

  @Test func `a generator that makes a wrong recipe fails its check`() {
    let generator = Gen<TensorRecipe>("wrong") { _ throws(Rejected) in
      try TensorRecipe(shape: [-1], fill: .zeros)
    }
    let report = check("wrong/recipe", generator, profile: Profile(.ci)) { $1.compared() }
    #expect(report.verdict == .failed(.unhealthy))
    #expect(report.reason?.contains("expected extents of at least 0") == true)
  }

  private func expectError(_ text: String, _ make: () throws(Rejected) -> some Any) {
    let error = #expect(throws: Rejected.self) { _ = try make() }
    let message = error?.description ?? ""
    #expect(message.hasPrefix("PropertiesTests/WrongCallTests.swift:"), "\(message)")
    #expect(message.contains("expected \(text)"), "\(message)")
  }
}
