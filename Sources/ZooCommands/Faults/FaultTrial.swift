internal import Catalogue
internal import Codegen
internal import Conformance
internal import Foundation
internal import Properties
internal import Reporting
internal import Synchronization

/// How the laws judged one fault.
struct FaultOutcome: Sendable {
  /// How a law judged it, over all types and repetitions.
  struct ByLaw: Sendable {
    /// The code of the law.
    let code: String
    /// The number of judgements that rejected it.
    var kills = 0
    /// The drawn inputs of all judgements; a rejecting one stops at its first failing trial.
    var trials = 0
    /// The first failing trial of the quickest judgement.
    var first: Int?
    /// How it was rejected.
    var kinds: Set<Reporting.FailureKind> = []
    /// The number of judgements that gave no verdict in time.
    var timeouts = 0

    var isKiller: Bool { kills > 0 }

    /// The share of trials that fail, estimated from how many it takes to fail first.
    var rate: Double? { kills > 0 && trials > 0 ? Double(kills) / Double(trials) : nil }

    /// The trials that miss the fault with a chance of a million to one, within the budget's ends.
    var needed: Int? {
      guard let rate else { return nil }
      guard rate < 1 else { return 16 }
      return min(max(Int((log(1e-6) / log(1 - rate)).rounded(.up)), 16), 256)
    }
  }

  /// The fate of a fault.
  enum Fate: String {
    /// A law rejects it.
    case rejected
    /// Every law accepts it.
    case alive
    /// No law gave a verdict in time, and none rejected it.
    case timedOut = "timed out"
    /// No law runs its wrong lines.
    case unreached = "never runs"
  }

  let row: FaultRow
  /// In the order of the laws.
  let laws: [ByLaw]
  /// Whether the wrong lines ran.
  var isReached = true
  /// How long judging it took.
  var seconds = 0.0

  /// The laws that rejected it, the surest first.
  var killers: [ByLaw] {
    laws.filter(\.isKiller).sorted { ($0.rate ?? 0, $1.code) > ($1.rate ?? 0, $0.code) }
  }

  /// Its fate.
  var fate: Fate {
    if laws.contains(where: \.isKiller) { return .rejected }
    if laws.contains(where: { $0.timeouts > 0 }) { return .timedOut }
    return isReached ? .alive : .unreached
  }

  /// Whether its fate is the expected one.
  var isAsExpected: Bool {
    row.entry.survives == nil
      ? fate == (row.isControl ? .alive : .rejected) : fate == .alive || fate == .unreached
  }
}

/// Judges faults by laws.
struct FaultTrial: Sendable {
  let kit: Kit
  let build: FaultBuild
  let profile: Profile
  let known: KnownFailures
  let options: JudgingOptions
  let console: Console
  /// Whether to ask every law even after one has rejected a fault.
  let isComplete: Bool
  let repeats: Int

  /// Judges faults, several at a time.
  ///
  /// The laws that should reject them first judge the parts without a fault; other laws that reject
  /// one do so afterwards.
  ///
  /// - Throws: `CommandFailure` with the status of a broken baseline.
  func outcomes(of rows: [FaultRow], cells: [Cell]) async throws -> [FaultOutcome] {
    let asked = cells.filter { cell in
      rows.contains { $0.part == cell.suite && (isComplete || isExpected(cell, $0)) }
    }
    try await baseline(asked)
    let others = Set(cells.map(\.path)).subtracting(asked.map(\.path))
    let work = Work(rows)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<min(options.jobs, rows.count) {
        group.addTask { try await judge(work, cells) }
      }
      try await group.waitForAll()
    }
    let found = work.ended.withLock { $0 }
    try Task.checkCancellation()
    // A law that rejects a fault unexpectedly may reject the part as it is, too.
    let surprises = cells.filter { cell in
      others.contains(cell.path)
        && rows.contains { row in
          row.part == cell.suite
            && found[row.name]?.laws.contains { $0.code == cell.law.code && $0.isKiller } == true
        }
    }
    if !surprises.isEmpty { try await baseline(surprises) }
    return rows.compactMap { found[$0.name] }
  }

  /// Judges cells without a fault.
  private func baseline(_ cells: [Cell]) async throws {
    console.note("judging \(cells.count) cells without a fault")
    let broken = Mutex<[CellResult]>([])
    let progress = Progress(cells, console: console, isQuiet: options.quiet)
    let judging = Judging(
      kit: kit, profile: profile, known: known, executable: build.executable,
      environment: ["ZOO_FAULT": nil], jobs: options.jobs, limit: .seconds(options.timeout))
    try await judging.run(cells) { result in
      if result.verdict.isFailure { broken.withLock { $0.append(result) } }
      progress.ended(result)
    }
    progress.finish()
    try Task.checkCancellation()
    let failed = broken.withLock { $0 }
    if failed.isEmpty { return }
    for result in failed { console.note(result.text) }
    throw CommandFailure(
      .baselineBroken,
      "\(failed.count) of \(cells.count) cells fail without any fault; fix them first")
  }

  private func tell(_ outcome: FaultOutcome, _ count: String) {
    guard !options.quiet else { return }
    let killers = outcome.killers.map(\.code).joined(separator: " ")
    let fate = outcome.fate.rawValue + (killers.isEmpty ? "" : " by \(killers)")
    console.note("\(count) \(outcome.row.name): \(outcome.isAsExpected ? fate : fate.uppercased())")
  }

  /// Whether a law should reject a fault.
  private func isExpected(_ cell: Cell, _ row: FaultRow) -> Bool {
    row.killers.contains(cell.law.code) || isWitness(row, of: cell)
  }

  private func isWitness(_ row: FaultRow, of cell: Cell) -> Bool {
    kit.laws.laws.contains { $0.id == cell.law && $0.witness == row.name }
  }

  /// The faults that several judges share.
  private final class Work: Sendable {
    let waiting: Mutex<ArraySlice<FaultRow>>
    let ended = Mutex<[String: FaultOutcome]>([:])

    let total: Int

    init(_ rows: [FaultRow]) {
      waiting = Mutex(rows[...])
      total = rows.count
    }
  }

  /// Judges one fault after the other, all in copies of one process.
  private func judge(_ work: Work, _ cells: [Cell]) async throws {
    let judge = WorkerJudge(
      executable: build.executable, arguments: WorkerCommand.copying,
      environment: profile.environment,
      limit: .seconds(options.timeout))
    var current: Judgement?
    try await judge.judge {
      while true {
        if let question = current?.next(isComplete) { return question }
        if let outcome = current?.outcome(kit) {
          let count = work.ended.withLock { ended in
            ended[outcome.row.name] = outcome
            return ended.count
          }
          tell(outcome, "[\(count)/\(work.total)]")
        }
        current = nil
        guard let row = work.waiting.withLock({ $0.popFirst() }) else { return nil }
        current = Judgement(row, questions(about: row, cells.filter { $0.suite == row.part }))
      }
    } ended: {
      current?.add($0)
    }
  }

  /// What laws are asked about a fault, in order; those that should reject it come first, so that
  /// judging can stop early.
  private func questions(about row: FaultRow, _ cells: [Cell]) -> [Judgement.Question] {
    func rank(_ cell: Cell) -> Int {
      if isWitness(row, of: cell) { return -1 }
      return row.killers.firstIndex(of: cell.law.code) ?? row.killers.count
    }
    let ordered = cells.enumerated()
      .sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
    return (0..<repeats).flatMap { repetition in
      ordered.map {
        Judgement.Question(
          cell: $0, seed: profile.seed &+ UInt64(repetition), isWitnessed: isWitness(row, of: $0))
      }
    }
  }
}

/// The judging of one fault.
private struct Judgement {
  struct Question {
    let cell: Cell
    let seed: UInt64
    /// Whether the fault is the one that the law must reject.
    let isWitnessed: Bool
  }

  private let row: FaultRow
  private var waiting: ArraySlice<Question>
  private var byLaw: [String: FaultOutcome.ByLaw] = [:]
  /// Exists once wrong lines have run.
  private let mark = FileManager.default.temporaryDirectory
    .appendingPathComponent("zoo-fault-\(UUID().uuidString)")
  private let started = ContinuousClock.now

  init(_ row: FaultRow, _ questions: [Question]) {
    self.row = row
    waiting = questions[...]
  }

  /// The next question; nil when the fate of the fault is known.
  ///
  /// - Parameter isComplete: whether every law is asked.
  mutating func next(_ isComplete: Bool) -> WorkerJudge.Question? {
    let isDone = byLaw.values.contains(where: \.isKiller) && !row.isControl && !isComplete
    if isDone { waiting = waiting.drop { !$0.isWitnessed } }
    return waiting.popFirst().map { question in
      WorkerJudge.Question(
        question.cell,
        variables: [
          "ZOO_FAULT": row.name, "ZOO_FAULT_REACHED": mark.path, "ZOO_SEED": "\(question.seed)",
        ])
    }
  }

  mutating func add(_ result: CellResult) {
    if case .notApplicable = result.verdict { return }
    byLaw[result.code, default: FaultOutcome.ByLaw(code: result.code)].add(result)
  }

  /// How the laws judged the fault so far.
  func outcome(_ kit: Kit) -> FaultOutcome {
    defer { try? FileManager.default.removeItem(at: mark) }
    return FaultOutcome(
      row: row, laws: kit.laws.laws.compactMap { byLaw[$0.id.code] },
      isReached: FileManager.default.fileExists(atPath: mark.path),
      seconds: (ContinuousClock.now - started) / .seconds(1))
  }
}

extension FaultOutcome.ByLaw {
  /// Counts a judgement. A law rejects when it finds the part wrong; scarce or slow inputs prove
  /// nothing about the part.
  mutating func add(_ result: CellResult) {
    // The first trial is always the simplest input and not a random one.
    let drawn = max(result.trials - 1, 1)
    switch result.verdict {
    case .failed(let kind):
      switch kind {
      case .falsified, .crash, .flaky, .dishonest, .unexpectedPass:
        kills += 1
        trials += drawn
        first = min(first ?? .max, max(result.trials, 1))
        kinds.insert(kind)
      case .timedOut: timeouts += 1
      case .vacuous, .undercovered, .unhealthy, .stale: trials += drawn
      }
    default: trials += drawn
    }
  }
}
