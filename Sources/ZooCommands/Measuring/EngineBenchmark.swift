internal import Conformance
internal import JSON
internal import Parts
internal import Properties
internal import Torch

/// The cost of a trial of the property engine, empty and with a law.
struct EngineBenchmark {
  /// The measurements.
  struct Result {
    /// The time of a trial that draws an integer and judges nothing, in microseconds.
    let emptyMicroseconds: Double
    /// The trials of causality in a second.
    let causalityRate: Double
  }

  /// The trials of an empty property.
  var emptyTrials = 50_000
  /// The trials of the law.
  var lawTrials = 5_000
  /// The number of runs; the fastest counts.
  var repetitions = 5
  /// Items, queries and channels of the law's tensors.
  var shape = [2, 11, 4]

  /// Measures, on one thread.
  func run() throws -> Result {
    let threads = Runtime.threads
    Runtime.threads = 1
    defer { Runtime.threads = threads }
    return Result(
      emptyMicroseconds: try seconds(emptyTrials, empty) / Double(emptyTrials) * 1e6,
      causalityRate: Double(lawTrials) / (try seconds(lawTrials, causality)))
  }

  /// The time of the fastest of several runs of a check, which must pass.
  private func seconds(
    _ trials: Int, _ check: (_ trials: Int, _ profile: Profile) throws -> CellReport
  ) throws -> Double {
    var best = Double.infinity
    for seed in 0..<UInt64(repetitions) {
      var profile = Profile(.ci)
      profile.seed = seed
      let report = try check(trials, profile)
      guard report.isPassed else { throw CommandFailure(report.summary) }
      best = min(best, report.seconds)
    }
    return best
  }

  private func empty(trials: Int, profile: Profile) -> CellReport {
    check("bench/empty", .int(), trials: trials, profile: profile) { $1.compared() }
  }

  /// Adds 50 to all tokens from a position on, and expects that no earlier output changes by a bit.
  private func causality(trials: Int, profile: Profile) throws -> CellReport {
    let attention = try Registry.zoo.attention(
      "scaled_dot_product", ["causal": true], generator: Generator(seed: 0))
    attention.eval()
    let tokens = Gen.tensor(shape, dtype: .f32, fills: .only(.normal))
    let generator = Gen.zip(tokens, tokens, tokens, .int(1...shape[1] - 1))
    return check("bench/causality", generator, trials: trials, profile: profile) { input, trial in
      let (first, position) = ([input.0, input.1, input.2], input.3)
      try withoutGrad {
        let before = try first.map { try Tensor($0.values(), shape: $0.shape).to(.float32) }
        let after = try before.map { try $0.addingAfter(position, 50) }
        let outputs = try [before, after].map { try attention($0[0], $0[1], $0[2]) }
        let kept = try outputs.map { try $0.slice(-2, 0..<position) }
        try trial.unchanged(kept[1], kept[0], label: "later tokens")
      }
    }
  }
}

extension Tensor {
  /// The same tokens with a number added to those from a position on.
  fileprivate func addingAfter(_ position: Int, _ number: Double) throws -> Tensor {
    try Tensor.cat([slice(-2, 0..<position), slice(-2, position..<size(-2)) + number], -2)
  }
}
