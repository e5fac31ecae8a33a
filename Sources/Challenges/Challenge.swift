internal import Properties

/// A false property whose smallest counterexample is known, to measure shrinking by.
///
/// The shrinker is the one every check uses, and cannot tell which case it works on.
public struct Challenge: Sendable {
  /// The case's name.
  public let name: String
  /// The smallest counterexample, as text.
  public let expected: String
  /// The largest mean number of runs of the property allowed; any number if nil.
  public let bar: Double?
  private let solve:
    @Sendable (_ seed: UInt64, _ order: UInt64?) -> (answer: String, evaluations: Int)?

  /// The results over all seeds.
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
    /// The largest mean allowed; any if nil.
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

  /// A case, of a property as `check` takes it.
  init<Value: Sendable>(
    _ name: String, expected: String, bar: Double? = nil, _ generator: Gen<Value>,
    _ property: @escaping @Sendable (Value, inout Trial) throws -> Void
  ) {
    self.name = name
    self.expected = expected
    self.bar = bar
    solve = { seed, order in
      shrunkFailure(of: generator, seed: seed, passesShuffledBy: order, property)
    }
  }

  /// A case of a condition that every input should meet.
  static func exact<Value: Sendable>(
    _ name: String, _ expected: String, bar: Double? = nil, _ generator: Gen<Value>,
    _ isTrue: @escaping @Sendable (Value) -> Bool
  ) -> Challenge {
    Challenge(name, expected: expected, bar: bar, generator) { $1.expect(isTrue($0)) }
  }

  /// Finds and shrinks one failure for each seed.
  ///
  /// - `order`: if not nil, each failure is shrunk with the passes in an order of its own, made
  ///   from this number. The answers must not change, but more runs may be needed, so no bar applies.
  public func run(seeds: Int = 100, shuffledBy order: UInt64? = nil) -> Result {
    var answers: [String: Int] = [:]
    var counts: [Int] = []
    for k in 0..<seeds {
      let solution = solve(
        XXH3.hash64("challenge/\(name)/\(k)"),
        order.map { XXH3.hash64("order/\($0)/\(name)/\(k)") })
      answers[solution?.answer ?? "no failure found", default: 0] += 1
      counts.append(solution?.evaluations ?? 0)
    }
    return Result(
      name: name, expected: expected, seeds: seeds, hits: answers[expected] ?? 0, answers: answers,
      mean: Double(counts.reduce(0, +)) / Double(max(1, seeds)), maximum: counts.max() ?? 0,
      bar: order == nil ? bar : nil)
  }
}
