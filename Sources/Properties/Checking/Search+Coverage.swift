extension Search {
  /// The kind of input that did not occur, or not often enough.
  mutating func missingCoverage() -> String? {
    if let missing = missingStratum() { return missing }
    for (label, requirement) in tally.requirements.sorted(by: { $0.key < $1.key }) {
      switch requirement {
      case .count(let needed):
        let count = tally.counts[label] ?? 0
        if count < needed {
          return "'\(label)' held in \(count) of \(report.trials) trials, needs \(needed)"
        }
      case .share(let share):
        if let missing = missingShare(share, label) { return missing }
      }
    }
    return nil
  }

  /// The value of an option that did not occur often enough.
  func missingStratum() -> String? {
    for (name, values) in strataDrawn.sorted(by: { $0.key < $1.key }) {
      let drawn = values.values.reduce(0, +)
      let needed = Self.neededPerValue(trials: drawn, values: values.count)
      for (value, count) in values.sorted(by: { $0.key < $1.key }) where count < needed {
        return "'\(name) = \(value)' occurred in \(count) of \(drawn) trials, needs \(needed)"
      }
    }
    return nil
  }

  /// How often each value of an option must occur: a quarter of its even share, at least three
  /// times, but no more than even shares allow.
  private static func neededPerValue(trials: Int, values: Int) -> Int {
    let even = trials / values
    return min(max(3, even / 4), even > 1 ? even - 1 : even)
  }

  /// Draws on until a share is decided, at most 64 times the budget.
  private mutating func missingShare(_ share: Double, _ label: String) -> String? {
    var hits = tally.counts[label] ?? 0
    var trials = report.trials
    var draws = 0
    var goal = trials
    while true {
      let verdict = ShareVerdict(hits: hits, of: trials, demanded: share)
      if verdict == .satisfied { return nil }
      if verdict == .failed || goal >= 64 * report.budget {
        let (_, upper) = ShareVerdict.bounds(hits: hits, of: trials)
        let most = (upper * 1000).rounded(.up) / 1000
        return "'\(label)' held in \(hits) of \(trials) trials, at most a share of "
          + "\(most), needs \(share)"
      }
      goal = min(2 * max(goal, 1), 64 * report.budget)
      while trials < goal, draws < 4 * goal {
        draws += 1
        let seed = runner.cell.seed(base: profile.seed, trial: report.budget + (1 << 32) + draws)
        let drawn = runner.draw(Source(tail: .random(RandomStream(seed: seed))))
        guard let value = drawn.value else { continue }
        let ran = runner.run(value, seed: seed, isStatisticsOnly: true)
        if ran.rejection != nil { continue }
        trials += 1
        hits += ran.trial.tally.counts[label] ?? 0
      }
    }
  }
}
