/// The course of one check.
struct Search<Value: Sendable> {
  let runner: Runner<Value>
  let examples: [Value]
  let profile: Profile

  var report: CellReport
  var tally = Tally()
  var strata: StrataPlan
  var strataDrawn: [String: [String: Int]] = [:]
  var health = Health()
  /// Why a failure could not be stored.
  var storageProblem: String?
  /// The number of inputs drawn at random.
  private var draws = 0

  /// How often a planned row of options is tried before giving up on it.
  private static var rowRetries: Int { 3 }

  init(runner: Runner<Value>, examples: [Value], profile: Profile, budget: Int) {
    self.runner = runner
    self.examples = examples
    self.profile = profile
    report = CellReport(runner.cell, .passed)
    report.budget = budget
    strata = StrataPlan(seed: runner.cell.seed(base: profile.seed, trial: -1))
  }

  mutating func run() -> CellReport {
    if replayRegressions() { return report }
    let isDecided = search()
    report.coverage = tally.counts
    if isDecided { return report }
    if let problem = health.problem(slowTrial: profile.slowTrial) {
      conclude(.unhealthy, problem)
    } else if report.comparisons == 0 {
      conclude(.vacuous, "\(report.trials) trials compared nothing")
    } else if let missing = missingCoverage() {
      conclude(.undercovered, missing)
    }
    return report
  }

  mutating func conclude(_ kind: FailureKind, _ reason: String) {
    report.verdict = .failed(kind)
    report.reason = reason
  }

  // MARK: Trials

  /// Runs the trials; true if the report has its verdict.
  private mutating func search() -> Bool {
    let simplest = Source(tail: .simplest, size: 0)
    if tryInput(runner.draw(simplest), trial: 0, isCounted: false) { return true }
    for (position, example) in examples.enumerated() {
      let seed = runner.cell.seed(base: profile.seed, trial: -2 - position)
      if tryExample(example, position, seed) { return true }
    }
    while report.trials < report.budget, !health.isHopeless {
      strata.nextRow()
      if tryRow(isCounted: true) { return true }
    }
    // Values that occurred too rarely get more trials, at most as many as were planned.
    for _ in 0..<report.budget where !health.isHopeless && missingStratum() != nil {
      strata.nextRow(evening: true)
      if tryRow(isCounted: false) { return true }
    }
    return false
  }

  /// Runs the property on an input from the planned row of options, unless all are rejected; true
  /// if the report has its verdict.
  private mutating func tryRow(isCounted: Bool) -> Bool {
    let accepted = report.trials
    for _ in 0..<Self.rowRetries where !health.isHopeless {
      let source = nextSource()
      if tryInput(runner.draw(source), trial: draws, isCounted: isCounted) { return true }
      if report.trials > accepted { break }
    }
    if report.trials == accepted { strata.forgetRow() } else { strata.useRow() }
    return false
  }

  /// A source of random choices that follow the planned row of options.
  private mutating func nextSource() -> Source {
    draws += 1
    let seed = runner.cell.seed(base: profile.seed, trial: draws)
    let growth = max(1, report.budget / 10)
    let size = min(100, 100 * (report.trials + 1) / growth)
    return Source(tail: .random(RandomStream(seed: seed)), size: size, strata: strata)
  }

  /// Runs the property on an input; true if the report has its verdict.
  ///
  /// - `isCounted`: whether a rejection counts against the generator.
  private mutating func tryInput(
    _ drawn: Runner<Value>.Drawn, trial: Int, isCounted: Bool
  ) -> Bool {
    if let updated = drawn.source.updatedStrata { strata = updated }
    guard let value = drawn.value else { return reject(drawn.rejection, isCounted: isCounted) }
    let seed = runner.cell.seed(base: profile.seed, trial: trial)
    let stopwatch = Stopwatch()
    let ran = runner.run(value, seed: seed)
    if let rejection = ran.rejection { return reject(rejection, isCounted: isCounted) }
    accept(ran, strata: drawn.source.drawnStrata, duration: stopwatch.elapsed)
    guard let failure = ran.failure else { return false }
    let values = drawn.source.choices.map(\.value)
    let again = runner.draw(Source(given: values, tail: .simplest))
    let rerun = again.value.map { runner.run($0, seed: seed) }
    if let rerun, rerun.agrees(with: ran) {
      falsify(drawn, value, ran, failure, seed: seed)
    } else {
      let second = rerun?.summary ?? "was not generated"
      let failure = describe(value, ran, failure, input: .choices(values), seed: seed)
      flake(failure, first: ran.summary, second: second)
    }
    return true
  }

  private mutating func tryExample(_ example: Value, _ position: Int, _ seed: UInt64) -> Bool {
    let stopwatch = Stopwatch()
    let ran = runner.run(example, seed: seed)
    if let rejection = ran.rejection { return reject(rejection, isCounted: false) }
    accept(ran, strata: [], duration: stopwatch.elapsed)
    guard let failure = ran.failure else { return false }
    let rerun = runner.run(example, seed: seed)
    let described = describe(example, ran, failure, input: .example(position), seed: seed)
    if rerun.agrees(with: ran) {
      report.failure = described
      conclude(.falsified, "example \(position): \(failure.message)")
    } else {
      flake(described, first: ran.summary, second: rerun.summary)
    }
    return true
  }

  /// Counts a rejected input; true if the reason is a wrong call, which decides the check.
  private mutating func reject(_ rejection: Rejected?, isCounted: Bool) -> Bool {
    if let text = rejection?.wrongCall {
      conclude(.unhealthy, text)
      return true
    }
    if isCounted { health.rejected(rejection) }
    return false
  }

  private mutating func accept(
    _ ran: Runner<Value>.Ran, strata: [DrawnStratum], duration: Duration?
  ) {
    report.trials += 1
    report.comparisons += ran.trial.comparisons
    report.worst = max(report.worst, ran.trial.worst)
    tally.merge(ran.trial.tally)
    for stratum in Set(strata) {
      for value in stratum.values {
        tally.count("\(stratum.name) = \(value)", value == stratum.values[stratum.position])
        strataDrawn[stratum.name, default: [:]][value, default: 0] +=
          value == stratum.values[stratum.position] ? 1 : 0
      }
    }
    health.accepted(duration, output: ran.trial.outputHash)
  }
}
