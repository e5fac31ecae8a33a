internal import Catalogue
internal import Codegen
internal import Conformance
internal import Foundation
internal import Properties
internal import Reporting
internal import Synchronization

/// What the laws made of one fault.
struct FaultOutcome: Sendable {
  /// What a law made of it, over all types and repetitions.
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

  /// What became of a fault.
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

  /// What became of it.
  var fate: Fate {
    if laws.contains(where: \.isKiller) { return .rejected }
    if laws.contains(where: { $0.timeouts > 0 }) { return .timedOut }
    return isReached ? .alive : .unreached
  }

  /// Whether that is as it should be.
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

  /// What the laws make of faults, several at a time.
  ///
  /// The laws that are to reject them judge the parts without a fault first. Another law that rejects
  /// one is asked about the part without it afterwards.
  ///
  /// - Throws: `CommandFailure` with the status of a broken baseline.
  func outcomes(of rows: [FaultRow], cells: [Cell]) throws -> [FaultOutcome] {
    let asked = cells.filter { cell in
      rows.contains { $0.part == cell.suite && (isComplete || isExpected(cell, $0)) }
    }
    try baseline(asked)
    let others = Set(cells.map(\.path)).subtracting(asked.map(\.path))
    let found = Mutex<[String: FaultOutcome]>([:])
    let broken = Mutex<[CellResult]>([])
    inParallel(rows.count) { index in
      let row = rows[index]
      let started = ContinuousClock.now
      var outcome = outcome(of: row, cells.filter { $0.suite == row.part }) { cell in
        guard others.contains(cell.path) else { return true }
        let sound = soundJudge.judge(cell)
        if sound.verdict.isFailure { broken.withLock { $0.append(sound) } }
        return !sound.verdict.isFailure
      }
      outcome.seconds = (ContinuousClock.now - started) / .seconds(1)
      let done = found.withLock { found in
        found[row.name] = outcome
        return found.count
      }
      tell(outcome, "[\(done)/\(rows.count)]")
    }
    try check(broken.withLock { $0 }, among: cells.count)
    let outcomes = found.withLock { $0 }
    return rows.compactMap { outcomes[$0.name] }
  }

  /// Judges cells without a fault.
  private func baseline(_ cells: [Cell]) throws {
    console.note("judging \(cells.count) cells without a fault")
    let broken = Mutex<[CellResult]>([])
    let progress = Progress(cells, console: console, isQuiet: options.quiet)
    let judging = Judging(
      kit: kit, profile: profile, known: known, executable: build.executable,
      environment: ["ZOO_FAULT": nil], jobs: options.jobs, limit: .seconds(options.timeout))
    try judging.run(cells) { result in
      if result.verdict.isFailure { broken.withLock { $0.append(result) } }
      progress.ended(result)
    }
    progress.finish()
    try check(broken.withLock { $0 }, among: cells.count)
  }

  private func check(_ broken: [CellResult], among count: Int) throws(CommandFailure) {
    if broken.isEmpty { return }
    for result in broken { console.note(result.text) }
    throw CommandFailure(
      .baselineBroken,
      "\(broken.count) of \(count) cells fail without any fault; fix them first")
  }

  /// Runs a body for each index, on as many threads as there are jobs.
  private func inParallel(_ count: Int, _ body: @Sendable @escaping (Int) -> Void) {
    signal(SIGPIPE, SIG_IGN)
    let next = Mutex(0)
    let group = DispatchGroup()
    for _ in 0..<min(options.jobs, count) {
      group.enter()
      Thread {
        defer { group.leave() }
        while true {
          let index = next.withLock { index in
            defer { index += 1 }
            return index
          }
          guard index < count else { return }
          body(index)
        }
      }.start()
    }
    group.wait()
  }

  private func tell(_ outcome: FaultOutcome, _ count: String) {
    guard !options.quiet else { return }
    let killers = outcome.killers.map(\.code).joined(separator: " ")
    let fate = outcome.fate.rawValue + (killers.isEmpty ? "" : " by \(killers)")
    console.note("\(count) \(outcome.row.name): \(outcome.isAsExpected ? fate : fate.uppercased())")
  }

  /// Whether a law is to reject a fault.
  private func isExpected(_ cell: Cell, _ row: FaultRow) -> Bool {
    row.killers.contains(cell.law.code) || isWitness(row, of: cell)
  }

  private func isWitness(_ row: FaultRow, of cell: Cell) -> Bool {
    kit.laws.laws.contains { $0.id == cell.law && $0.witness == row.name }
  }

  /// A judge of the parts as they are.
  private var soundJudge: WorkerJudge {
    WorkerJudge(
      executable: build.executable,
      environment: profile.environment.merging(["ZOO_FAULT": nil]) { $1 },
      limit: .seconds(options.timeout))
  }

  private func outcome(
    of row: FaultRow, _ cells: [Cell], isSound: (Cell) -> Bool
  ) -> FaultOutcome {
    // Those that are expected to reject it come first, so that a run that may stop soon does.
    func rank(_ cell: Cell) -> Int {
      if isWitness(row, of: cell) { return -1 }
      return row.killers.firstIndex(of: cell.law.code) ?? row.killers.count
    }
    let ordered = cells.enumerated()
      .sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
    let mark = FileManager.default.temporaryDirectory.appendingPathComponent(
      "zoo-fault-\(ProcessInfo.processInfo.processIdentifier)-\(row.name)")
    defer { try? FileManager.default.removeItem(at: mark) }
    var byLaw: [String: FaultOutcome.ByLaw] = [:]
    for repetition in 0..<repeats {
      var seeded = profile
      seeded.seed = profile.seed &+ UInt64(repetition)
      let judge = WorkerJudge(
        executable: build.executable,
        environment: seeded.environment.merging(
          ["ZOO_FAULT": row.name, "ZOO_FAULT_REACHED": mark.path]) { $1 },
        limit: .seconds(options.timeout))
      for cell in ordered {
        let isDone = byLaw.values.contains(where: \.isKiller) && !row.isControl
        if isDone, !isComplete, !isWitness(row, of: cell) { break }
        let result = judge.judge(cell)
        if case .notApplicable = result.verdict { continue }
        if result.verdict.isFailure, !isSound(cell) { continue }
        byLaw[cell.law.code, default: FaultOutcome.ByLaw(code: cell.law.code)].add(result)
      }
    }
    return FaultOutcome(
      row: row, laws: kit.laws.laws.compactMap { byLaw[$0.id.code] },
      isReached: FileManager.default.fileExists(atPath: mark.path))
  }
}

extension FaultOutcome.ByLaw {
  /// Counts a judgement. A law rejects when it says that something is wrong with the part; that
  /// inputs were scarce or slow says nothing about it.
  mutating func add(_ result: CellResult) {
    // The first trial is always the simplest input, which says nothing about the others.
    let drawn = max(result.trials - 1, 1)
    switch result.verdict {
    case .failed(let kind):
      switch kind {
      case .falsified, .crash, .flaky, .dishonest, .unexpectedPass:
        kills += 1
        trials += drawn
        first = min(first ?? .max, max(result.trials, 1))
        kinds.insert(kind)
      case .vacuous, .undercovered, .unhealthy, .stale: trials += drawn
      }
    default: trials += drawn
    }
  }
}
