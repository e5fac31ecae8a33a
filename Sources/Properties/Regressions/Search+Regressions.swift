extension Search {
  /// Runs all stored failures of this cell, outside of the budget.
  ///
  /// - Returns: whether the check is decided: one still fails, or cannot be read any more. One that
  ///   passes has been fixed, and stays as a test.
  mutating func replayRegressions() -> Bool {
    guard let file = regressionFile else { return false }
    var failures: [CellReport] = []
    do throws(RegressionFileError) {
      for entry in try file.read() where entry.dtype == runner.cell.variant {
        let outcome = outcome(of: entry, in: file)
        if !outcome.isPassed { failures.append(outcome) }
      }
    } catch {
      conclude(.stale, error.description)
      return true
    }
    guard let first = failures.first else { return false }
    report.verdict = first.verdict
    report.reason = first.reason
    report.failure = first.failure
    report.otherFailures = failures.dropFirst().compactMap(\.failure)
    return true
  }

  /// What comes of a stored failure today.
  private func outcome(of entry: Regression, in file: RegressionFile) -> CellReport {
    var outcome = runner.replay(entry.choices, examples: examples)
    if let hash = (try? ReplayBlob(entry.choices))?.schemaHash.paddedHex,
      hash != entry.generatorHash
    {
      outcome = CellReport(
        runner.cell, .failed(.stale),
        reason: "its generatorHash is \(entry.generatorHash), that of its choices \(hash)")
    }
    switch outcome.verdict {
    case .failed(.stale):
      outcome.reason =
        "a stored failure at \(entry.origin), first seen \(entry.firstSeen), cannot be run: "
        + "\(outcome.reason ?? "") (\(file.path)); its input was \(entry.printed)"
    case .failed:
      guard let origin = outcome.failure?.origin.description, origin != entry.origin else { break }
      outcome.reason =
        "a failure that was stored at \(entry.origin) is one at \(origin): "
        + "\(outcome.reason ?? "") (\(file.path))"
    case .passed: break
    }
    return outcome
  }

  private var regressionFile: RegressionFile? {
    profile.regressions.map { RegressionFile(folder: $0, cell: runner.cell) }
  }

  /// Stores a failure, if the profile writes; why it could not is kept for the report.
  mutating func store(_ failure: Failure, replacing old: Failure? = nil) {
    guard profile.writesRegressions, let file = regressionFile else { return }
    do throws(RegressionFileError) {
      try file.store(entry(failure), replacing: old.map { entry($0) })
    } catch {
      storageProblem = "not stored: \(error)"
    }
  }

  private func entry(_ failure: Failure) -> Regression {
    Regression(
      generatorHash: runner.generator.schemaHash.paddedHex, choices: failure.choices,
      printed: failure.printed, origin: failure.origin.description, dtype: runner.cell.variant,
      firstSeen: Profile.today)
  }
}
