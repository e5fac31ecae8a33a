internal import Catalogue
internal import Conformance
internal import Foundation
internal import Properties
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
    var kinds: Set<Conformance.FailureKind> = []

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

  let row: FaultRow
  /// In the order of the laws.
  let laws: [ByLaw]

  /// The laws that rejected it, the surest first.
  var killers: [ByLaw] {
    laws.filter(\.isKiller).sorted { ($0.rate ?? 0, $1.code) > ($1.rate ?? 0, $0.code) }
  }

  /// Whether it went as it should.
  var isAsExpected: Bool { row.isControl == killers.isEmpty }
}

/// Judges faults by laws.
struct FaultTrial: Sendable {
  let kit: Kit
  let build: FaultBuild
  let profile: Profile
  let known: KnownFailures
  let options: JudgingOptions
  let console: Console

  /// The cells that pass without a fault; only they can say anything about one.
  ///
  /// - Throws: `CommandFailure` with the status of a broken baseline.
  func baseline(_ cells: [Cell]) async throws -> [Cell] {
    console.note("judging \(cells.count) cells without a fault")
    let results = Mutex<[String: CellResult]>([:])
    let progress = Progress(cells, console: console, isQuiet: options.quiet)
    let judging = Judging(
      kit: kit, profile: profile, known: known, executable: build.executable,
      environment: ["ZOO_FAULT": nil], jobs: options.jobs,
      limit: .seconds(options.timeout))
    try await judging.run(cells) { result in
      results.withLock { $0[result.path] = result }
      progress.ended(result)
    }
    progress.finish()
    let found = results.withLock { $0 }
    let broken = cells.compactMap { found[$0.path] }.filter(\.verdict.isFailure)
    guard broken.isEmpty else {
      for result in broken { console.note(result.text) }
      throw CommandFailure(
        .baselineBroken,
        "\(broken.count) of \(cells.count) cells fail without any fault; mend them first")
    }
    return cells.filter { found[$0.path]?.verdict == .passed }
  }

  /// What the laws make of faults, several at a time.
  ///
  /// - Parameters:
  ///   - cells: those that pass without a fault.
  ///   - isComplete: whether to ask every law even after one has rejected a fault.
  func outcomes(
    of rows: [FaultRow], cells: [Cell], isComplete: Bool, repeats: Int
  ) async throws -> [FaultOutcome] {
    var found: [String: FaultOutcome] = [:]
    try await withThrowingTaskGroup(of: FaultOutcome.self) { group in
      for (index, row) in rows.enumerated() {
        if index >= options.jobs, let outcome = try await group.next() {
          found[outcome.row.name] = outcome
          tell(outcome, "[\(found.count)/\(rows.count)]")
        }
        group.addTask {
          try await outcome(of: row, cells, isComplete: isComplete, repeats: repeats)
        }
      }
      while let outcome = try await group.next() {
        found[outcome.row.name] = outcome
        tell(outcome, "[\(found.count)/\(rows.count)]")
      }
    }
    return rows.compactMap { found[$0.name] }
  }

  private func tell(_ outcome: FaultOutcome, _ count: String) {
    guard !options.quiet else { return }
    let killers = outcome.killers.map(\.code).joined(separator: " ")
    let fate =
      outcome.killers.isEmpty
      ? (outcome.row.isControl ? "lives, as it should" : "SURVIVES")
      : (outcome.row.isControl
        ? "REJECTED by \(killers), though nothing is wrong" : "rejected by \(killers)")
    console.note("\(count) \(outcome.row.name): \(fate)")
  }

  private func outcome(
    of row: FaultRow, _ cells: [Cell], isComplete: Bool, repeats: Int
  ) async throws -> FaultOutcome {
    let own = cells.filter { $0.suite == row.part }
    let witnessed = Set(kit.laws.laws.filter { $0.witness == row.name }.map(\.id.code))
    // Those that are expected to reject it come first, so that a run that may stop soon does.
    func rank(_ cell: Cell) -> Int {
      if witnessed.contains(cell.law.code) { return -1 }
      return row.killers.firstIndex(of: cell.law.code) ?? row.killers.count
    }
    let ordered = own.enumerated()
      .sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
    var byLaw: [String: FaultOutcome.ByLaw] = [:]
    for repetition in 0..<repeats {
      var seeded = profile
      seeded.seed = profile.seed &+ UInt64(repetition)
      let judge = WorkerJudge(
        executable: build.executable,
        environment: seeded.environment.merging(["ZOO_FAULT": row.name]) { $1 },
        limit: .seconds(options.timeout))
      var waiting = ordered[...]
      try await judge.judge {
        let isDone = byLaw.values.contains(where: \.isKiller) && !row.isControl
        guard let cell = waiting.popFirst(),
          !isDone || isComplete || witnessed.contains(cell.law.code)
        else { return nil }
        return cell
      } ended: { result in
        byLaw[result.code, default: FaultOutcome.ByLaw(code: result.code)].add(result)
      }
    }
    let order = kit.laws.laws.map(\.id.code)
    return FaultOutcome(row: row, laws: order.compactMap { byLaw[$0] })
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
      case .falsified, .crash, .timedOut, .flaky, .dishonest, .unexpectedPass:
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
