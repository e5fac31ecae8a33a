/// Makes a failing input smaller by editing its choices and running the property again.
///
/// Smaller means: fewer choices, then a simpler choice where two sequences first differ. Each pass
/// proposes edits; an edit is kept if the result is smaller and fails at the same origin. Drawing
/// is cheap and running the property is not, so a proposal runs only if what it draws is smaller
/// than the best and was never run before.
struct Shrinker<Value: Sendable> {
  /// A failing input.
  struct Found {
    let value: Value
    let choices: [Choice]
    let spans: [Span]
    let ran: Runner<Value>.Ran
    let failure: TrialFailure

    var values: [ChoiceValue] { choices.map(\.value) }
  }

  /// What a shrink may cost.
  struct Limits {
    var evaluations = 5000
    var improvements = 500
    var improvementsInARow = 50
    var failuresInARow = 200
    var duration = Duration.seconds(300)
  }

  /// The smallest failing input so far.
  private(set) var best: Found
  /// Failures of other origins met on the way.
  private(set) var others: [Origin: Found] = [:]
  /// How often the property ran.
  private(set) var evaluations = 0

  private let runner: Runner<Value>
  private let seed: UInt64
  private let limits: Limits
  private let deadline: ContinuousClock.Instant
  private var improvements = 0
  private var failuresInARow = 0
  /// The improvements of the running pass.
  private var improvementsOfPass = 0
  /// Hashes of proposals and of what they drew.
  private var proposed: Set<Hash128> = []
  private var ran: Set<Hash128> = []

  /// The most other origins that are kept.
  private static var maximumOthers: Int { 3 }

  init(_ runner: Runner<Value>, _ first: Found, seed: UInt64, limits: Limits = Limits()) {
    self.runner = runner
    self.seed = seed
    self.limits = limits
    best = first
    deadline = ContinuousClock.now + limits.duration
    _ = ran.insert(Self.hash(first.values))
  }

  /// Runs passes until none of them makes progress.
  ///
  /// A pass that has run is not run again before another one has made progress. One that finds
  /// much gives way to the others in between: what it works on may be gone after them.
  mutating func run(_ passes: [ShrinkPass] = ShrinkPass.allCases) {
    var progressed = true
    var seen: [ShrinkPass: Int] = [:]
    while progressed {
      progressed = false
      for pass in passes where seen[pass] != improvements {
        (failuresInARow, improvementsOfPass) = (0, 0)
        run(pass)
        if improvementsOfPass < limits.improvementsInARow { seen[pass] = improvements }
        if improvementsOfPass > 0 { progressed = true }
        if isExhausted { return }
      }
    }
  }

  private var isExhausted: Bool {
    evaluations >= limits.evaluations || improvements >= limits.improvements
      || ContinuousClock.now >= deadline
  }

  /// Whether the running pass may propose more.
  var mayGoOn: Bool {
    failuresInARow < limits.failuresInARow && improvementsOfPass < limits.improvementsInARow
      && !isExhausted
  }

  /// Proposes a sequence; true if it is the new best.
  ///
  /// - Parameter isShorter: whether only a result with fewer choices is of interest.
  @discardableResult
  mutating func propose(_ values: [ChoiceValue], isShorter: Bool = false) -> Bool {
    guard mayGoOn, proposed.insert(Self.hash(values)).inserted else { return false }
    guard let candidate = draw(values) else { return false }
    let (value, source) = candidate
    guard !isShorter || source.choices.count < best.choices.count else { return false }
    guard Self.isSmaller(source.choices, than: best.choices) else { return false }
    guard ran.insert(Self.hash(source.choices.map(\.value))).inserted else { return false }
    return evaluate(value, source)
  }

  /// What a sequence draws, if the generator accepts it.
  func draw(_ values: [ChoiceValue]) -> (Value, Source)? {
    let drawn = runner.draw(Source(given: values, tail: .simplest))
    return drawn.value.map { ($0, drawn.source) }
  }

  /// The record of drawing a sequence, accepted or not.
  func drawAnyway(_ values: [ChoiceValue]) -> Source {
    runner.draw(Source(given: values, tail: .simplest)).source
  }

  /// The record of drawing a tree of choices, accepted or not.
  func drawAnyway(_ tree: ChoiceTree) -> Source {
    runner.draw(Source(tree: tree)).source
  }

  /// Whether a sequence is accepted and fails at the origin of the best.
  func failsAlike(_ values: [ChoiceValue]) -> Bool {
    guard let (value, _) = draw(values) else { return false }
    return runner.run(value, seed: seed).failure?.origin == best.failure.origin
  }

  private mutating func evaluate(_ value: Value, _ source: Source) -> Bool {
    evaluations += 1
    let ran = runner.run(value, seed: seed)
    guard let failure = ran.failure else {
      failuresInARow += 1
      return false
    }
    let found = Found(
      value: value, choices: source.choices, spans: source.spans, ran: ran, failure: failure)
    guard failure.origin == best.failure.origin else {
      failuresInARow += 1
      keep(found)
      return false
    }
    best = found
    improvements += 1
    improvementsOfPass += 1
    failuresInARow = 0
    return true
  }

  private mutating func keep(_ found: Found) {
    let origin = found.failure.origin
    if let known = others[origin] {
      if Self.isSmaller(found.choices, than: known.choices) { others[origin] = found }
    } else if others.count < Self.maximumOthers {
      others[origin] = found
    }
  }

  /// Shortlex: fewer choices first, then the simpler choice where the sequences first differ.
  static func isSmaller(_ a: [Choice], than b: [Choice]) -> Bool {
    if a.count != b.count { return a.count < b.count }
    for (x, y) in zip(a, b) {
      if let isSimpler = Choice.isSimpler(x, y) { return isSimpler }
    }
    return false
  }

  private static func hash(_ values: [ChoiceValue]) -> Hash128 {
    var writer = ByteWriter()
    for value in values { writer.choice(value) }
    return XXH3.hash128(writer.bytes)
  }
}
