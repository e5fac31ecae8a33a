import Testing

@testable import Properties

private struct Broken: Error {}

@Suite struct `checks` {
  private let profile = Profile(.ci)

  @Test func `a true property passes its whole budget`() {
    let report = check("lists/reverse twice", .list(of: .int(0...9)), profile: profile) {
      list, trial in
      trial.expect(Array(list.reversed().reversed()) == list)
    }
    #expect(report.verdict == .passed)
    #expect(report.trials == 100 && report.budget == 100 && report.comparisons == 100)
  }

  @Test func `a false property is falsified with input, origin and the line to run it again`() {
    let report = check(
      CellID("attention nystrom", "segment-exact", variant: "f64", code: "NYS2"),
      .int(0...1000), profile: profile
    ) { number, trial in
      trial.note("number is \(number)")
      trial.expect(number < 100, label: "small", "\(number) is not small")
    }
    #expect(report.verdict == .failed(.falsified))
    #expect(report.failure?.origin.description == "NYS2/small")
    #expect(report.failure?.notes.count == 1)
    let line = report.failure?.reproduce ?? ""
    #expect(line.hasPrefix("ZOO_REPLAY='attention nystrom/segment-exact f64@"))
    #expect(line.hasSuffix("' swift test --filter 'nystrom'"))
  }

  @Test func `the first input is the simplest, then come the examples`() {
    var seen: [Int] = []
    let report = check("order/of inputs", .int(7...99), examples: [42, 43], profile: profile) {
      seen.append($0)
      $1.compared()
    }
    #expect(report.isPassed)
    #expect(Array(seen.prefix(3)) == [7, 42, 43])
  }

  @Test func `an example that fails is named by its number and replays`() {
    func property(_ value: Int, _ trial: inout Trial) { trial.expect(value != 1_000_003) }
    let gen = Gen.int(0...9_000_000)
    let report = check("examples/fail", gen, examples: [1_000_003], profile: profile) {
      property($0, &$1)
    }
    #expect(report.reason?.contains("example 0") == true)
    let blob = report.failure?.choices ?? ""
    let again = replay("examples/fail", gen, examples: [1_000_003], blob: blob) {
      property($0, &$1)
    }
    #expect(again.verdict == .failed(.falsified))
    let gone = replay("examples/fail", gen, blob: blob) { property($0, &$1) }
    #expect(gone.verdict == .failed(.stale))
  }

  @Test func `a thrown error is a failure of its own origin`() {
    let report = check("errors/thrown", .int(0...9), profile: profile) { number, trial in
      trial.expect(true)
      if number > 4 { throw Broken() }
    }
    #expect(report.failure?.origin.description == "thrown/throws Broken")
  }

  @Test func `assertions are told apart by the order in which their lines are reached`() {
    let report = check("origins/index", .int(1...9), profile: profile) { number, trial in
      for _ in 0..<number { trial.expect(true) }
      trial.expect(number < 5)
    }
    #expect(report.failure?.origin.description == "index/1")
  }

  @Test func `inputs depend on the name of the check and the seed alone`() {
    func inputs(_ cell: CellID, _ profile: Profile) -> [Int] {
      var seen: [Int] = []
      _ = check(cell, .int(), profile: profile) {
        seen.append($0)
        $1.compared()
      }
      return seen
    }
    var other = profile
    other.seed = 1
    #expect(inputs("a/b", profile) == inputs("a/b", profile))
    #expect(inputs("a/b", profile) != inputs("a/c", profile))
    #expect(inputs("a/b", profile) != inputs("a/b", other))
    #expect(CellID("a b", "c", variant: "d").path == "a/b/c/d")
  }

  @Test func `inputs grow over the first tenth`() {
    var sizes: [Int] = []
    _ = check("growth/lists", .list(of: .int()), trials: 1000, profile: profile) {
      sizes.append($0.count)
      $1.compared()
    }
    let (early, late) = (sizes[1..<21].reduce(0, +), sizes[200..<220].reduce(0, +))
    #expect(early < late)
  }

  @Test func `comparisons, the worst ratio and coverage are reported`() {
    let report = check("numbers/report", .int(0...9), profile: profile) { number, trial in
      trial.classify("even", number.isMultiple(of: 2))
      trial.classify("huge", number > 100)
      trial.collect("digit", number)
      trial.compared(3, worst: Double(number) / 10)
    }
    #expect(report.comparisons == 300)
    #expect(report.worst == 0.9)
    #expect(report.coverage["huge"] == 0)
    #expect((30...70).contains(report.coverage["even"] ?? 0))
    #expect(report.coverage.count == 12)
  }

  @Test func `an error that is not a number counts as infinite`() {
    let report = check("numbers/nan", .int(0...9), profile: profile) { $1.compared(worst: .nan) }
    #expect(report.worst == .infinity)
  }
}

@Suite struct `checks that prove nothing are red` {
  private let profile = Profile(.ci)

  @Test func `a property that compares nothing is vacuous`() {
    let report = check("sabotage/vacuous", .int(0...9), profile: profile) { _, _ in }
    #expect(report.verdict == .failed(.vacuous))
  }

  @Test func `a generator that always rejects is unhealthy`() {
    let gen = Gen<Int>.int().filter { _ in false }
    let report = check("sabotage/rejecting", gen, profile: profile) { $1.expect($0 == 0) }
    #expect(report.verdict == .failed(.unhealthy))
    #expect(report.reason?.contains("rejected") == true)
  }

  @Test func `an assumption that mostly fails is unhealthy`() {
    let report = check("sabotage/assuming", .int(0...99), profile: profile) { number, trial in
      try trial.assume(number.isMultiple(of: 3))
      trial.expect(true)
    }
    #expect(report.verdict == .failed(.unhealthy))
  }

  @Test func `a generator without end is unhealthy`() {
    let gen = Gen<Int>("endless") { source throws(Rejected) in
      var sum = 0
      while true { sum &+= try source.draw(.int(0...9)) }
    }
    let report = check("sabotage/endless", gen, profile: profile) { $1.expect($0 == 0) }
    #expect(report.verdict == .failed(.unhealthy))
    #expect(report.reason?.contains("8192") == true)
  }

  @Test func `a property with a memory is flaky`() {
    var calls = 0
    let report = check("sabotage/flaky", .int(0...9), profile: profile) { _, trial in
      calls += 1
      trial.expect(calls != 5, label: "fifth")
    }
    #expect(report.verdict == .failed(.flaky))
    #expect(report.failure != nil)
  }

  @Test func `a failure with another output when it is run again is flaky`() {
    var calls: UInt64 = 0
    let report = check("sabotage/outputs", .int(0...9), profile: profile) { number, trial in
      calls += 1
      trial.observe(output: calls)
      trial.expect(number < 5)
    }
    #expect(report.verdict == .failed(.flaky))
    #expect(report.reason?.contains("output") == true)
  }

  @Test func `a result that never varies is unhealthy`() {
    let report = check("sabotage/constant", .int(0...9), profile: profile) { _, trial in
      trial.observe(output: 7)
      trial.expect(true)
    }
    #expect(report.verdict == .failed(.unhealthy))
  }

  @Test func `a slow property is unhealthy`() {
    var slow = profile
    slow.slowTrial = .zero
    let report = check("sabotage/slow", .int(0...9), profile: slow) { $1.expect($0 < 10) }
    #expect(report.verdict == .failed(.unhealthy))
  }

  @Test func `a kind of input that never occurs is undercovered`() {
    let counted = check("sabotage/counted", .int(0...9), profile: profile) { number, trial in
      trial.cover(atLeast: 1, "ten", number == 10)
      trial.expect(number < 10)
    }
    #expect(counted.verdict == .failed(.undercovered))
    #expect(counted.reason?.contains("'ten' held in 0 of 100") == true)
    let shared = check("sabotage/shared", .bool(0.1), profile: profile) { value, trial in
      trial.cover(0.3, "true", value)
      trial.compared()
    }
    #expect(shared.verdict == .failed(.undercovered))
  }

  @Test func `an option value that never comes through is undercovered`() {
    let gen = Gen.stratified("mode", ["a", "b", "c", "d", "e", "f"])
    let report = check("sabotage/option", gen, profile: profile) { mode, trial in
      try trial.assume(mode != "c")
      trial.expect(true)
    }
    #expect(report.verdict == .failed(.undercovered), "\(report.summary)")
    #expect(report.reason?.contains("'mode = c' occurred in 0 of 100") == true)
  }

  @Test func `a share in doubt draws more inputs, for statistics alone`() {
    var runs = 0
    let report = check("coverage/doubt", .bool(0.5), profile: profile) { value, trial in
      trial.cover(0.5, "true", value)
      try trial.endOfStatistics()
      runs += 1
      trial.compared()
    }
    #expect(report.isPassed, "\(report.summary)")
    #expect(runs == 100)
  }

  @Test func `Wilson's bounds are those of the formula`() {
    let (lower, upper) = ShareVerdict.bounds(hits: 50, of: 100)
    #expect(abs(lower - 0.23931) < 1e-4 && abs(upper - 0.76069) < 1e-4)
    #expect(ShareVerdict(hits: 0, of: 1000, demanded: 0.1) == .failed)
    #expect(ShareVerdict(hits: 500, of: 1000, demanded: 0.1) == .satisfied)
    #expect(ShareVerdict(hits: 2, of: 20, demanded: 0.1) == .undecided)
  }
}
