extension Search {
  mutating func flake(_ failure: Failure, first: String, second: String) {
    report.failure = failure
    conclude(.flaky, "the same input first \(first), then \(second)")
  }

  mutating func falsify(
    _ drawn: Runner<Value>.Drawn, _ value: Value, _ ran: Runner<Value>.Ran, _ failure: TrialFailure,
    seed: UInt64
  ) {
    let first = Shrinker<Value>.Found(
      value: value, choices: drawn.source.choices, spans: drawn.source.spans, ran: ran,
      failure: failure)
    var smallest = describe(first, seed: seed)
    // Stored before shrinking, in case a smaller input crashes the process.
    store(smallest)
    if profile.shrinkEvaluations > 0 {
      let unshrunk = smallest
      var shrinker = shrunk(first, seed: seed)
      smallest = describe(shrinker, from: first, seed: seed)
      if profile.explains { smallest.explanation = shrinker.explain() }
      store(smallest, replacing: unshrunk)
      // Each is a different mistake and is shrunk on its own.
      for (_, other) in shrinker.others.sorted(by: { $0.key < $1.key }) {
        report.otherFailures.append(
          describe(shrunk(other, seed: seed), from: other, seed: seed))
      }
    }
    report.failure = smallest
    for failure in report.otherFailures { store(failure) }
    if let storageProblem { report.failure?.notes.append(storageProblem) }
    let message = smallest.message
    conclude(.falsified, message.isEmpty ? "\(smallest.origin)" : message)
  }

  private func shrunk(_ found: Shrinker<Value>.Found, seed: UInt64) -> Shrinker<Value> {
    var limits = Shrinker<Value>.Limits()
    limits.evaluations = profile.shrinkEvaluations
    var shrinker = Shrinker(runner, found, seed: seed, limits: limits)
    shrinker.run()
    return shrinker
  }

  private func describe(_ found: Shrinker<Value>.Found, seed: UInt64) -> Failure {
    describe(
      found.value, found.ran, found.failure, input: .choices(found.values), seed: seed)
  }

  private func describe(
    _ shrinker: Shrinker<Value>, from first: Shrinker<Value>.Found, seed: UInt64
  ) -> Failure {
    var failure = describe(shrinker.best, seed: seed)
    failure.shrink = ShrinkStatistics(
      evaluations: shrinker.evaluations, from: first.choices.count,
      to: shrinker.best.choices.count)
    return failure
  }

  func describe(
    _ value: Value, _ ran: Runner<Value>.Ran, _ failure: TrialFailure, input: ReplayBlob.Input,
    seed: UInt64
  ) -> Failure {
    runner.describe(value, ran, failure, input: input, seed: seed)
  }
}
