extension Runner {
  /// Runs the property on a stored input.
  func replay(_ text: String, examples: [Value]) -> CellReport {
    do throws(ReplayError) {
      return try replay(try ReplayBlob(text), examples: examples)
    } catch {
      if case .wrongCall(let reason) = error {
        return CellReport(cell, .failed(.unhealthy), reason: reason)
      }
      return CellReport(cell, .failed(.stale), reason: error.description)
    }
  }

  private func replay(_ blob: ReplayBlob, examples: [Value]) throws(ReplayError) -> CellReport {
    let value = try value(of: blob, examples: examples)
    let ran = run(value, seed: blob.seed)
    var report = CellReport(cell, .passed)
    report.budget = 1
    report.trials = ran.rejection == nil ? 1 : 0
    report.comparisons = ran.trial.comparisons
    report.worst = ran.trial.worst
    report.coverage = ran.trial.tally.counts
    if let rejection = ran.rejection { throw rejection.wrongCall.map { .wrongCall($0) } ?? .stale }
    if let failure = ran.failure {
      report.failure = describe(value, ran, failure, input: blob.input, seed: blob.seed)
      report.verdict = .failed(.falsified)
      report.reason = failure.message.isEmpty ? "\(failure.origin)" : failure.message
    }
    return report
  }

  /// The input that a blob describes.
  ///
  /// Choices that fit are taken whatever the schema, so that an edit elsewhere in the generator
  /// does not make every stored failure useless.
  func value(of blob: ReplayBlob, examples: [Value]) throws(ReplayError) -> Value {
    switch blob.input {
    case .example(let position):
      guard examples.indices.contains(position) else { throw .noExample(position) }
      return examples[position]
    case .choices(let choices):
      let drawn = draw(Source(given: choices, tail: .simplest))
      if let text = drawn.rejection?.wrongCall { throw .wrongCall(text) }
      let isExact = drawn.source.choices.count == choices.count && !drawn.source.isMisaligned
      guard let value = drawn.value, isExact else { throw .stale }
      return value
    }
  }

  func describe(
    _ value: Value, _ ran: Ran, _ failure: TrialFailure, input: ReplayBlob.Input, seed: UInt64
  ) -> Failure {
    let blob = ReplayBlob(schemaHash: generator.schemaHash, seed: seed, input: input).text
    return Failure(
      origin: failure.origin, printed: printed(value), choices: blob,
      reproduce: cell.reproduceLine(blob), message: failure.message, notes: ran.trial.notes)
  }
}

extension CellID {
  /// The line that runs a stored failure of this cell from a clean checkout.
  func reproduceLine(_ blob: String) -> String {
    let quoted = "\(self)@\(blob)".replacing("'", with: "'\\''")
    return "ZOO_REPLAY='\(quoted)' swift test --filter '\(testFilter)'"
  }
}
