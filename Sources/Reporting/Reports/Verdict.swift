/// What a run says of one cell; a cell has exactly one.
public enum Verdict: Sendable, Hashable {
  /// Every trial of its budget held, and something was compared.
  case passed
  /// It did not pass, and nobody said so before.
  case failed(FailureKind)
  /// It is listed as a known failure, and its stored counterexample still fails in the same place.
  case known(KnownNote)
  /// The part does not claim what the law needs; the reason comes from the claim.
  case notApplicable(reason: String)
  /// The run was stopped before it.
  case notRun
  /// It was expected and nothing was recorded for it.
  case missing

  /// The verdicts as a report and `verdict:` in a selection spell them.
  public static let words = [
    "passed", "failed", "knownFailure", "notApplicable", "notRun", "missing",
  ]

  /// This verdict as a report spells it: one of ``words``.
  public var word: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .known: "knownFailure"
    case .notApplicable: "notApplicable"
    case .notRun: "notRun"
    case .missing: "missing"
    }
  }

  /// Every word by which a selection finds this verdict: a failure also by its kind, a known one
  /// also as the totals call it.
  public var selectionWords: [String] {
    switch self {
    case .failed(let kind): [word, kind.rawValue]
    case .known: [word, "known"]
    default: [word]
    }
  }

  /// Every word that `verdict:` may name.
  public static let selectionWords = words + ["known"] + FailureKind.allCases.map(\.rawValue)

  /// What a process that ends with this verdict returns.
  public var exitStatus: ExitStatus {
    switch self {
    case .passed, .known, .notApplicable: .success
    case .failed(.stale), .failed(.unexpectedPass): .stale
    case .failed, .notRun, .missing: .lawFailed
    }
  }
}

/// Why a cell failed.
public enum FailureKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// Some input breaks the law.
  case falsified
  /// The process ended before the cell did.
  case crash
  /// The cell took too long and was stopped.
  case timedOut = "timeout"
  /// The same choices gave two outcomes.
  case flaky
  /// Nothing was compared, or nothing that could differ.
  case vacuous
  /// The interesting inputs were drawn too rarely.
  case undercovered
  /// A health check of the generator or the part failed.
  case unhealthy
  /// A claim does not hold, or an absent one has no witness.
  case dishonest
  /// A regression or a fixture no longer belongs to today's sources.
  case stale
  /// It is listed as a known failure and passes.
  case unexpectedPass
}

/// What a report repeats of an entry of the known failures.
public struct KnownNote: Sendable, Hashable {
  /// Why it fails.
  public let reason: String
  /// Where that is followed up: an http address.
  public let link: String
  /// The last day on which it may fail.
  public let expires: CalendarDay

  /// Repeats an entry's reason, address and last day.
  public init(reason: String, link: String, expires: CalendarDay) {
    self.reason = reason
    self.link = link
    self.expires = expires
  }
}
