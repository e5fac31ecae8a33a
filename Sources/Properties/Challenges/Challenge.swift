/// A false property with a known smallest counterexample, to measure shrinking by.
///
/// The shrinker is the one of every check and is not told which case it works on.
public struct Challenge: Sendable {
  /// The case's name.
  public let name: String
  /// The smallest counterexample, as text.
  public let expected: String
  /// The mean number of runs of the property that may be needed; any number if nil.
  public let bar: Double?
  private let solve: @Sendable (_ seed: UInt64, _ passes: [ShrinkPass]) -> Solution

  /// What came of one seed.
  struct Solution: Sendable {
    let answer: String
    let evaluations: Int
  }

  /// What came of all seeds.
  public struct Result: Sendable, CustomStringConvertible {
    /// The case's name.
    public let name: String
    /// The smallest counterexample, as text.
    public let expected: String
    /// The number of seeds.
    public let seeds: Int
    /// The number of seeds that ended at the expected answer.
    public let hits: Int
    /// The answers, with how often each was found.
    public let answers: [String: Int]
    /// The mean number of runs of the property, from the first failure to the end.
    public let mean: Double
    /// The largest number of runs.
    public let maximum: Int
    /// The mean that may be needed; any if nil.
    public let bar: Double?

    /// Whether every seed ended at the expected answer within the mean allowed.
    public var isMet: Bool { hits == seeds && mean <= bar ?? .infinity }

    /// One line of a table: name, hits, number of answers, mean, maximum, bar.
    public var description: String {
      let padding = String(repeating: " ", count: max(1, 22 - name.count))
      let tenths = (mean * 10).rounded() / 10
      return "\(name)\(padding)\(hits)/\(seeds) hits, \(answers.count) answers, "
        + "mean \(tenths)" + (bar.map { " of \($0)" } ?? "") + ", most \(maximum)"
    }
  }

  /// The most draws until an input fails.
  static let maximumDraws = 20_000

  init<Value: Sendable>(
    _ name: String, expected: String, bar: Double? = nil, _ generator: Gen<Value>,
    _ property: @escaping @Sendable (Value, inout Trial) throws -> Void
  ) {
    self.name = name
    self.expected = expected
    self.bar = bar
    solve = { seed, passes in
      let cell = CellID("challenge", name)
      let runner = Runner(cell: cell, generator: generator, property: property)
      guard let first = Self.firstFailure(runner, seed: seed) else {
        return Solution(answer: "no failure found", evaluations: 0)
      }
      var shrinker = Shrinker(runner, first, seed: seed)
      shrinker.run(passes)
      return Solution(
        answer: printed(shrinker.best.value), evaluations: 1 + shrinker.evaluations)
    }
  }

  private static func firstFailure<Value>(
    _ runner: Runner<Value>, seed: UInt64
  ) -> Shrinker<Value>.Found? {
    var seeds = RandomStream(seed: seed)
    for draw in 1...maximumDraws {
      let tail = Source.Tail.random(RandomStream(seed: seeds.next()))
      // Inputs grow as they do in a check of a thousand trials.
      let drawn = runner.draw(Source(tail: tail, size: min(100, draw)))
      guard let value = drawn.value else { continue }
      let ran = runner.run(value, seed: seed)
      guard let failure = ran.failure else { continue }
      return Shrinker<Value>.Found(
        value: value, choices: drawn.source.choices, spans: drawn.source.spans, ran: ran,
        failure: failure)
    }
    return nil
  }

  /// Finds and shrinks one failure for each seed.
  ///
  /// - `order`: if not nil, the passes run in an order of their own for each failure, made from
  ///   this number; the answers must stay, but more runs may be needed, so no bar holds.
  public func run(seeds: Int = 100, shuffledBy order: UInt64? = nil) -> Result {
    var answers: [String: Int] = [:]
    var counts: [Int] = []
    for k in 0..<seeds {
      var passes = ShrinkPass.allCases
      if let order {
        var random = RandomStream(seed: XXH3.hash64("order/\(order)/\(name)/\(k)"))
        passes.shuffle(using: &random)
      }
      let solution = solve(XXH3.hash64("challenge/\(name)/\(k)"), passes)
      answers[solution.answer, default: 0] += 1
      counts.append(solution.evaluations)
    }
    return Result(
      name: name, expected: expected, seeds: seeds, hits: answers[expected] ?? 0, answers: answers,
      mean: Double(counts.reduce(0, +)) / Double(max(1, seeds)), maximum: counts.max() ?? 0,
      bar: order == nil ? bar : nil)
  }
}
