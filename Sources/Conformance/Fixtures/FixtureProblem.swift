public import Reporting

/// Something wrong with a fixture.
public struct FixtureProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// What may be wrong; the raw value is its name in reports.
  public enum Kind: String, Sendable, CaseIterable {
    /// A case is declared, and there is no file.
    case missing
    /// The file or the manifest is not what was written.
    case corrupt
    /// Today's sources determine the case otherwise.
    case stale
    /// The file or entry belongs to no case, or the case to no part.
    case orphan
    /// No test of this run compared it with a part.
    case unread
    /// A new version waits for review.
    case leftover
    /// Its recipes make other tensors today.
    case drift
    /// The definition gives other values today, although its sources are the same.
    case wrong
    /// It takes more bytes than it may.
    case oversized
  }

  /// What is wrong.
  public let kind: Kind
  /// The fixture, or with an empty name its part's manifest.
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

  /// What a command that finds it returns.
  public var exitStatus: ExitStatus { .stale }
}

/// Why a command on fixtures does not do what it was asked.
public struct FixtureRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  /// What the command returns.
  public let exitStatus: ExitStatus
  /// Why, in one line.
  public let description: String

  /// Refuses.
  public init(_ exitStatus: ExitStatus, _ description: String) {
    self.exitStatus = exitStatus
    self.description = description
  }
}
