/// Searches for an input that violates a property.
///
/// ```swift
/// let report = check("sorting/keeps the length", .list(of: .int(0...9))) { list, trial in
///   trial.expect(list.sorted().count == list.count)
/// }
/// ```
///
/// The first input is the simplest, then come the examples, then random ones that grow. A thrown
/// error is a failure, except ``Rejected`` from ``Trial/assume(_:)``. The property must give the
/// same result for the same input and ``Trial/seed``.
///
/// - `cell`: the name of the check, from which its seeds follow.
/// - `trials`: the full budget, which the profile scales.
/// - `examples`: inputs that are always tried.
/// - Returns: the result; nothing is thrown, and no test framework is involved.
public func check<Value: Sendable>(
  _ cell: CellID, _ generator: Gen<Value>, trials: Int = 100, examples: [Value] = [],
  profile: Profile = .current, _ property: (Value, inout Trial) throws -> Void
) -> CellReport {
  let started = ContinuousClock.now
  var report = withoutActuallyEscaping(property) { property in
    let runner = Runner(cell: cell, generator: generator, property: property)
    if let problem = profile.problem ?? Profile.problem(trials: profile.trials ?? trials) {
      return CellReport(cell, .failed(.unhealthy), reason: problem)
    }
    if let request = profile.replay, request.isMet(by: cell) {
      return runner.replay(request.blob, examples: examples)
    }
    var search = Search(
      runner: runner, examples: examples, profile: profile, budget: profile.budget(trials))
    return search.run()
  }
  report.seconds = (ContinuousClock.now - started) / .seconds(1)
  return report
}

/// Runs a property until it fails, at most for so many inputs, and does nothing else of a check.
///
/// - Returns: whether it failed, and on how many inputs it ran with how many comparisons.
package func findsFailure<Value: Sendable>(
  _ cell: CellID, _ generator: Gen<Value>, trials: Int, seed: UInt64,
  _ property: (Value, inout Trial) throws -> Void
) -> (isFound: Bool, trials: Int, comparisons: Int) {
  withoutActuallyEscaping(property) { property in
    let runner = Runner(cell: cell, generator: generator, property: property)
    var (accepted, comparisons) = (0, 0)
    for trial in 0..<4 * trials where accepted < trials {
      let seed = cell.seed(base: seed, trial: trial)
      let source =
        trial == 0
        ? Source(tail: .simplest, size: 0) : Source(tail: .random(RandomStream(seed: seed)))
      guard let value = runner.draw(source).value else { continue }
      let ran = runner.run(value, seed: seed)
      if ran.rejection != nil { continue }
      accepted += 1
      comparisons += ran.trial.comparisons
      if ran.failure != nil { return (true, accepted, comparisons) }
    }
    return (false, accepted, comparisons)
  }
}

/// Runs a property on one stored input.
///
/// - `blob`: the choices of the input, as a report's failure holds them.
/// - Returns: passed, falsified, or stale if the blob is damaged or no longer fits the generator.
public func replay<Value: Sendable>(
  _ cell: CellID, _ generator: Gen<Value>, examples: [Value] = [], blob: String,
  _ property: (Value, inout Trial) throws -> Void
) -> CellReport {
  withoutActuallyEscaping(property) { property in
    Runner(cell: cell, generator: generator, property: property).replay(blob, examples: examples)
  }
}
