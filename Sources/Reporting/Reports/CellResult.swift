public import Catalogue

/// The verdict on one cell, with the numbers behind it.
public struct CellResult: Sendable, Hashable {
  /// The kind of the part.
  public let kind: Kind
  /// The registered name of the part.
  public let part: String
  /// The name of the law.
  public let law: String
  /// The code of the law.
  public let code: String
  /// The precision: one of ``Cell/dtypes``.
  public let dtype: String
  /// The verdict.
  public let verdict: Verdict
  /// The trials that ran.
  public let trials: Int
  /// The trials that were requested.
  public let budget: Int
  /// The comparisons that were made.
  public let comparisons: Int
  /// The largest error as a multiple of its bound; `nil` if nothing was measured.
  public let worst: Double?
  /// How many trials showed each event that the law requires.
  public let coverage: [String: Int]
  /// The time it took, in seconds.
  public let seconds: Double
  /// The counterexample, or what else is known about a failure.
  public let failure: Failure?
  /// Counterexamples of other failures, found while shrinking that one.
  public let otherFailures: [Failure]

  /// Records the verdict on a cell.
  ///
  /// A pass in which nothing ran or nothing was compared becomes the failure `vacuous`, so no
  /// caller can record it as a pass.
  public init(
    _ cell: Cell, _ verdict: Verdict, trials: Int = 0, budget: Int = 0, comparisons: Int = 0,
    worst: Double? = nil, coverage: [String: Int] = [:], seconds: Double = 0,
    failure: Failure? = nil, otherFailures: [Failure] = []
  ) {
    var verdict = verdict
    var failure = failure
    if verdict == .passed, trials <= 0 || comparisons <= 0 {
      verdict = .failed(.vacuous)
      failure =
        failure ?? Failure(message: "\(trials) trials ran and made \(comparisons) comparisons")
    }
    self.init(
      kind: cell.kind, part: cell.part, law: cell.law.name, code: cell.law.code, dtype: cell.dtype,
      verdict: verdict, trials: trials, budget: budget, comparisons: comparisons, worst: worst,
      coverage: coverage, seconds: seconds, failure: failure, otherFailures: otherFailures)
  }

  init(
    kind: Kind, part: String, law: String, code: String, dtype: String, verdict: Verdict,
    trials: Int, budget: Int, comparisons: Int, worst: Double?, coverage: [String: Int],
    seconds: Double, failure: Failure?, otherFailures: [Failure] = []
  ) {
    self.kind = kind
    self.part = part
    self.law = law
    self.code = code
    self.dtype = dtype
    self.verdict = verdict
    self.trials = trials
    self.budget = budget
    self.comparisons = comparisons
    self.worst = worst
    self.coverage = coverage
    self.seconds = seconds
    self.failure = failure
    self.otherFailures = otherFailures
  }

  /// The part with its kind: `attention nystrom`.
  public var suite: String { "\(kind.rawValue) \(part)" }

  /// The name of the cell, as ``Cell/path``.
  public var path: String { "\(suite)/\(law) \(dtype)" }

  /// The same numbers with another verdict or other failures.
  public func replacing(
    verdict: Verdict? = nil, failure: Failure? = nil, otherFailures: [Failure]? = nil
  ) -> CellResult {
    CellResult(
      kind: kind, part: part, law: law, code: code, dtype: dtype,
      verdict: verdict ?? self.verdict, trials: trials, budget: budget, comparisons: comparisons,
      worst: worst, coverage: coverage, seconds: seconds, failure: failure ?? self.failure,
      otherFailures: otherFailures ?? self.otherFailures)
  }
}

/// What is known about a failure, above all its smallest counterexample.
public struct Failure: Sendable, Hashable, Codable {
  /// The law, the assertion and the type of error, such as `NYS2/0`; empty if unknown.
  public var origin: String
  /// The counterexample as code; empty without one.
  public var printed: String
  /// The choices that generate the counterexample, in base64url; empty without a counterexample.
  public var choices: String
  /// A command line that reproduces it from a clean checkout; empty if no command does.
  public var reproduce: String
  /// What was expected and what was found, in one sentence.
  public var message: String
  /// How the counterexample was shrunk.
  public var shrink: Shrink?
  /// Which values in the counterexample do not matter.
  public var explain: String?

  /// Describes a failure; what is unknown stays empty.
  public init(
    origin: String = "", printed: String = "", choices: String = "", reproduce: String = "",
    message: String, shrink: Shrink? = nil, explain: String? = nil
  ) {
    self.origin = origin
    self.printed = printed
    self.choices = choices
    self.reproduce = reproduce
    self.message = message
    self.shrink = shrink
    self.explain = explain
  }

  /// The cost and the result of shrinking a counterexample.
  public struct Shrink: Sendable, Hashable, Codable {
    /// How many candidates were run.
    public var evaluations: Int
    /// The number of choices in the first counterexample.
    public var from: Int
    /// The number of choices in the smallest one.
    public var to: Int

    /// Records the number of candidates run and of choices before and after.
    public init(evaluations: Int, from: Int, to: Int) {
      self.evaluations = evaluations
      self.from = from
      self.to = to
    }
  }
}

extension CellResult {
  /// A failure for a person to read: the verdict, the input, and how to run it again.
  public var text: String {
    var lines = ["\(path): \(verdict.word)"]
    if case .failed(let kind) = verdict { lines[0] += " (\(kind.rawValue))" }
    lines += failure?.lines ?? []
    for other in otherFailures { lines += ["met on the way:"] + other.lines }
    return lines.joined(separator: "\n")
  }
}

extension Failure {
  /// What is known about it, one fact per line.
  fileprivate var lines: [String] {
    var lines: [String] = []
    if !message.isEmpty { lines.append("  \(message)") }
    if !printed.isEmpty { lines.append("  input:  \(printed)") }
    if !origin.isEmpty { lines.append("  origin: \(origin)") }
    if let explain { lines.append("  \(explain)") }
    if !reproduce.isEmpty { lines.append("  again:  \(reproduce)") }
    return lines
  }
}
