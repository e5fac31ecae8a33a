public import Foundation
internal import Support

/// The failures that are known, each with a reason, a follow-up, a last day and a counterexample.
///
/// An entry names one cell. It never widens a tolerance and never stands for more than that cell.
public struct KnownFailures: Sendable {
  /// How far ahead the last day of an entry may lie, in days.
  public static let longestTerm = 180

  /// The entries in the order of their file.
  public let entries: [Entry]
  private let places: [String: Int]

  /// No failure is known.
  public static let none = KnownFailures([])

  /// One failure that is known.
  public struct Entry: Sendable, Hashable {
    /// The cell that fails.
    public let cell: Cell
    /// Why, where that is followed up, and until when.
    public let note: KnownNote
    /// The choices that draw the input on which it fails, base64url.
    public let counterexample: String
    /// Where it fails, such as `U12/0`.
    public let origin: String
  }

  init(_ entries: [Entry]) {
    self.entries = entries
    places = Dictionary(
      entries.enumerated().map { ($1.cell.path, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The entry of a cell, if it is known to fail.
  public func entry(for cell: Cell) -> Entry? {
    places[cell.path].map { entries[$0] }
  }

  /// Reads `known-failures.json`; a file that does not exist knows of no failure.
  ///
  /// - `cells`: every cell of the registry, selected or not.
  /// - `notApplicable`: why a cell's law does not apply to its part, by the path of the cell.
  /// - `today`: the day against which terms are measured.
  /// - Throws: ``KnownFailuresError`` with everything that is wrong in the file.
  public static func load(
    from file: URL, cells: [Cell], notApplicable: [String: String],
    today: CalendarDay = CalendarDay(Date())
  ) throws(KnownFailuresError) -> KnownFailures {
    guard fileExists(file.path) else { return .none }
    let data: Data
    do throws(FileError) {
      data = Data(try readFile(file.path))
    } catch {
      throw KnownFailuresError(problems: [], unreadable: "\(error)")
    }
    return try KnownFailures(
      json: data, cells: cells, notApplicable: notApplicable, today: today)
  }
}

extension KnownFailures.Entry {
  /// The verdict of the cell after its counterexample was replayed, without any search.
  public func judge(_ outcome: ReplayOutcome) -> Verdict {
    switch outcome {
    case .fails(let origin): origin == self.origin ? .known(note) : .failed(.falsified)
    case .passes: .failed(.unexpectedPass)
    case .undecodable: .failed(.stale)
    }
  }

  /// What the report says beside a verdict other than a known failure.
  public func message(for outcome: ReplayOutcome) -> String {
    switch outcome {
    case .fails(let origin) where origin == self.origin:
      "fails at \(origin) as listed: \(note.reason)"
    case .fails(let origin):
      "the known failure is at \(self.origin), its counterexample now fails at \(origin)"
    case .passes:
      "the counterexample of the known failure passes: remove its entry (\(note.link))"
    case .undecodable:
      "the counterexample of the known failure no longer decodes: record it anew"
    }
  }
}

/// What came of running a stored counterexample again.
public enum ReplayOutcome: Sendable, Hashable {
  /// The law holds on it.
  case passes
  /// The law fails on it, at this origin.
  case fails(origin: String)
  /// The choices do not fit the generator any more.
  case undecodable
}

/// Everything that is wrong in a file of known failures.
public struct KnownFailuresError: Error, Equatable, CustomStringConvertible {
  /// One problem of one entry.
  public struct Problem: Sendable, Equatable, CustomStringConvertible {
    /// The number of the entry, from 1; `nil` if the file as a whole is wrong.
    public let entry: Int?
    /// What is wrong, expected and got.
    public let text: String

    /// The number of the entry and what is wrong with it.
    public var description: String {
      (entry.map { "entry \($0): " } ?? "") + text
    }
  }

  /// The problems in the order of the file.
  public let problems: [Problem]
  /// Set if the file could not be read at all: its path and why.
  public let unreadable: String?

  init(problems: [Problem], unreadable: String? = nil) {
    self.problems = problems
    self.unreadable = unreadable
  }

  /// A line for each problem.
  public var description: String {
    unreadable
      ?? problems.map { "known-failures.json: \(printable($0.description))" }
      .joined(separator: "\n")
  }

  /// What a command that meets this error returns.
  public var exitStatus: ExitStatus { unreadable == nil ? .stale : .commandFailed }
}
