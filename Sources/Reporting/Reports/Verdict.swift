/// The verdict on one cell; each cell has exactly one.
public enum Verdict: Sendable, Hashable {
  /// The law held in every trial of the budget, and something was compared.
  case passed
  /// It did not pass, and is not a known failure.
  case failed(FailureKind)
  /// It is a known failure, and its stored counterexample still fails in the same place.
  case known(KnownNote)
  /// The part does not claim what the law needs; the reason comes from the claim.
  case notApplicable(reason: String)
  /// The run was stopped before the cell ran.
  case notRun
  /// It was expected, but nothing was recorded for it.
  case missing

  /// Why laws that need a definition do not apply to a part that claims none, and so is unproven.
  public static let noDefinition = "no definition"

  /// The words for verdicts in reports and after `verdict:` in selections.
  public static let words = [
    "passed", "failed", "knownFailure", "notApplicable", "notRun", "missing",
  ]

  /// The word for this verdict, one of ``words``.
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

  /// Every word that selects this verdict: for a failure also its kind, for a known failure also
  /// `known`, as in the totals.
  public var selectionWords: [String] {
    switch self {
    case .failed(let kind): [word, kind.rawValue]
    case .known: [word, "known"]
    default: [word]
    }
  }

  /// Every word allowed after `verdict:`.
  public static let selectionWords = words + ["known"] + FailureKind.allCases.map(\.rawValue)

  /// Whether the cell is red.
  public var isFailure: Bool {
    switch self {
    case .failed, .notRun, .missing: true
    case .passed, .known, .notApplicable: false
    }
  }

  /// The exit status for this verdict.
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
  /// An input breaks the law.
  case falsified
  /// The process died before the cell ended.
  case crash
  /// The cell took too long and was stopped.
  case timedOut = "timeout"
  /// The same choices gave different outcomes.
  case flaky
  /// Nothing was compared, or only values that cannot differ.
  case vacuous
  /// The interesting inputs were generated too rarely.
  case undercovered
  /// A health check of the generator or the part failed.
  case unhealthy
  /// A claim does not hold, or the lack of one was not shown.
  case dishonest
  /// A regression or a fixture no longer matches the sources.
  case stale
  /// It is a known failure, but passes.
  case unexpectedPass
}

/// An entry of the known failures, as a report repeats it.
public struct KnownNote: Sendable, Hashable {
  /// Why it fails.
  public let reason: String
  /// The http address of the follow-up.
  public let link: String
  /// The last day it may fail.
  public let expires: CalendarDay

  /// Creates a note.
  public init(reason: String, link: String, expires: CalendarDay) {
    self.reason = reason
    self.link = link
    self.expires = expires
  }
}
