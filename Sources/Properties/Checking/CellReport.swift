/// The result of a check.
public struct CellReport: Sendable {
  /// What was checked.
  public let cell: CellID
  /// Whether it held.
  public var verdict: Verdict
  /// Why it did not hold, in one sentence; nil if it held.
  public var reason: String?
  /// The number of inputs on which the property ran and was not rejected.
  public var trials = 0
  /// The number of trials planned.
  public var budget = 0
  /// The number of comparisons the property made.
  public var comparisons = 0
  /// The largest error met, as a share of what was allowed.
  public var worst = 0.0
  /// The number of trials by label.
  public var coverage: [String: Int] = [:]
  /// How long it took.
  public var seconds = 0.0
  /// The failure, as small as it could be made.
  public var failure: Failure?
  /// Failures of other origins met while it was made smaller.
  public var otherFailures: [Failure] = []

  init(_ cell: CellID, _ verdict: Verdict, reason: String? = nil) {
    self.cell = cell
    self.verdict = verdict
    self.reason = reason
  }

  /// Whether the check held.
  public var isPassed: Bool { verdict == .passed }
}

/// Whether a property held in all trials.
public enum Verdict: Hashable, Sendable, CustomStringConvertible {
  /// It ran its budget, and compared something.
  case passed
  /// It did not hold, or proves nothing.
  case failed(FailureKind)

  /// `passed`, or how it failed.
  public var description: String {
    switch self {
    case .passed: "passed"
    case .failed(let kind): kind.rawValue
    }
  }
}

/// In which way a check failed.
public enum FailureKind: String, Hashable, Sendable, CaseIterable, Codable {
  /// An input violates the property.
  case falsified
  /// The same choices gave different outcomes.
  case flaky
  /// Nothing was ever compared.
  case vacuous
  /// Inputs of a demanded kind were missing.
  case undercovered
  /// The check cannot be trusted or never got going: too many rejections, too large, too slow, or
  /// arguments that make no sense.
  case unhealthy
  /// A stored failure can no longer be read.
  case stale
}

/// An input that violates a property.
public struct Failure: Sendable, Hashable {
  /// Which assertion it violates.
  public var origin: Origin
  /// The input as text.
  public var printed: String
  /// The choices that rebuild the input.
  public var choices: String
  /// The line that runs this input again from a clean checkout.
  public var reproduce: String
  /// The message of the assertion.
  public var message: String
  /// What the property noted.
  public var notes: [String] = []
  /// How it was made smaller; nil if it was not.
  public var shrink: ShrinkStatistics?
  /// Which parts of the input matter, and which do not.
  public var explanation: [String] = []
}

/// How a failure was made smaller.
public struct ShrinkStatistics: Sendable, Hashable, Codable {
  /// The number of times the property ran for it.
  public var evaluations: Int
  /// The number of choices before.
  public var from: Int
  /// The number of choices after.
  public var to: Int
}
