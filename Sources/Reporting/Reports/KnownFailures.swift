public import Foundation
internal import Support

/// The known failures, each with a reason, a link, an expiry day and a counterexample.
///
/// An entry applies to exactly one cell. It never widens a tolerance.
public struct KnownFailures: Sendable {
  /// How many days ahead an entry may expire.
  public static let longestTerm = 180

  /// The entries in file order.
  public let entries: [Entry]
  private let places: [String: Int]

  /// No known failures.
  public static let none = KnownFailures([])

  /// One known failure.
  public struct Entry: Sendable, Hashable {
    /// The cell that fails.
    public let cell: Cell
    /// The reason, the link and the expiry day.
    public let note: KnownNote
    /// The choices that generate the failing input, in base64url.
    public let counterexample: String
    /// Where it fails, such as `U12/0`.
    public let origin: String
  }

  init(_ entries: [Entry]) {
    self.entries = entries
    places = Dictionary(
      entries.enumerated().map { ($1.cell.path, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The entry for a cell, if it is known to fail.
  public func entry(for cell: Cell) -> Entry? {
    places[cell.path].map { entries[$0] }
  }

  /// Reads `known-failures.json`; if there is no such file, no failure is known.
  ///
  /// - `cells`: every cell of the registry, selected or not.
  /// - `notApplicable`: why a cell's law does not apply to its part, by the path of the cell.
  /// - `today`: the day against which terms are measured.
  /// - Throws: ``KnownFailuresError`` with every problem in the file.
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
  /// The verdict on the cell after replaying its counterexample, without any search.
  public func judge(_ outcome: ReplayOutcome) -> Verdict {
    switch outcome {
    case .fails(let origin): origin == self.origin ? .known(note) : .failed(.falsified)
    case .passes: .failed(.unexpectedPass)
    case .undecodable: .failed(.stale)
    }
  }

  /// The message in the report for this outcome.
  public func message(for outcome: ReplayOutcome) -> String {
    switch outcome {
    case .fails(let origin) where origin == self.origin:
      "fails at \(origin) as listed: \(note.reason)"
    case .fails(let origin):
      "the known failure is at \(self.origin), its counterexample now fails at \(origin)"
    case .passes:
      "the counterexample of the known failure passes: remove its entry (\(note.link))"
    case .undecodable:
      "the counterexample of the known failure no longer decodes: record it again"
    }
  }
}

/// The outcome of replaying a stored counterexample.
public enum ReplayOutcome: Sendable, Hashable {
  /// The law holds for it.
  case passes
  /// The law fails for it, at this origin.
  case fails(origin: String)
  /// The choices no longer fit the generator.
  case undecodable
}

/// The problems in a file of known failures.
public struct KnownFailuresError: Error, Equatable, CustomStringConvertible {
  /// One problem of one entry.
  public struct Problem: Sendable, Equatable, CustomStringConvertible {
    /// The number of the entry, from 1; `nil` if the file as a whole is wrong.
    public let entry: Int?
    /// What is wrong, what was expected and what was found.
    public let text: String

    /// The number of the entry and what is wrong with it.
    public var description: String {
      (entry.map { "entry \($0): " } ?? "") + text
    }
  }

  /// The problems in file order.
  public let problems: [Problem]
  /// The path and the reason if the file could not be read at all.
  public let unreadable: String?

  init(problems: [Problem], unreadable: String? = nil) {
    self.problems = problems
    self.unreadable = unreadable
  }

  /// One line per problem.
  public var description: String {
    unreadable
      ?? problems.map { "known-failures.json: \(printable($0.description))" }
      .joined(separator: "\n")
  }

  /// The exit status of a command that fails with this error.
  public var exitStatus: ExitStatus { unreadable == nil ? .stale : .commandFailed }
}
