public import Reporting

/// Something wrong with a fixture.
public struct FixtureProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of problems; the raw value is the name in reports.
  public enum Kind: String, Sendable, CaseIterable {
    /// A declared case has no file.
    case missing
    /// The folder or the file cannot be read.
    case unreadable
    /// The file or the manifest is not what was written.
    case corrupt
    /// Today's sources determine the case differently.
    case stale
    /// The file or entry belongs to no case, or the case to no part.
    case orphan
    /// Nothing in this run compared it with a part.
    case unread
    /// A new version waits for review.
    case leftover
    /// Its recipes make other tensors today.
    case drift
    /// The oracle gives other values today, although its sources are the same.
    case wrong
    /// It is larger than the limit.
    case oversized
  }

  /// What is wrong.
  public let kind: Kind
  /// The fixture; with an empty name, the part's folder or manifest.
  public let fixture: FixtureID
  /// What is wrong with it, in words.
  public let message: String

  /// Describes a problem.
  public init(_ kind: Kind, _ fixture: FixtureID, _ message: String) {
    self.kind = kind
    self.fixture = fixture
    self.message = message
  }

  /// Such as `stale attention-nystrom/default: the recipe has changed`.
  public var description: String { "\(kind.rawValue) \(fixture): \(message)" }

  /// The exit status of a command that finds it.
  public var exitStatus: ExitStatus { .stale }
}

/// Why a command on fixtures refuses to run.
public struct FixtureRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  /// The exit status of the command.
  public let exitStatus: ExitStatus
  /// The reason, in one line.
  public let description: String

  /// Makes a refusal.
  public init(_ exitStatus: ExitStatus, _ description: String) {
    self.exitStatus = exitStatus
    self.description = description
  }
}
