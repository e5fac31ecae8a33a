import Foundation
import Support

/// How hard to search, and what may be written.
public struct Profile: Sendable, Hashable {
  /// The available profiles.
  public enum Name: String, Sendable, CaseIterable, Codable {
    /// At a desk: fewer trials, new inputs each day, failures are remembered.
    case dev
    /// In continuous integration: the full budget, always the same inputs, nothing is written.
    case ci
    /// At night: eight times the budget, new inputs each night, failures are explained.
    case nightly
    /// For a run over seeded faults: the full budget, no shrinking.
    case faults
  }

  /// Which of the profiles this is.
  public var name: Name
  /// What the seeds of trials are made from.
  public var seed: UInt64
  /// Overrides the number of trials of every check.
  public var trials: Int?
  /// The most executions of a property while its failure is made smaller.
  public var shrinkEvaluations: Int
  /// Whether to explain which parts of a failing input matter.
  public var explains: Bool
  /// The folder of stored failures; none are read if nil.
  public var regressions: String?
  /// Whether new failures are stored there.
  public var writesRegressions: Bool
  /// The failure to run instead of a search, as `cell@blob`.
  public var replay: ReplayRequest?
  /// The median duration of a trial above which a check is unhealthy.
  public var slowTrial: Duration = .milliseconds(250)
  /// What is wrong with the environment; if not nil, checks refuse to run.
  public var problem: String?

  /// A profile as its name implies, for a day given as `2026-11-25`.
  public init(_ name: Name, day: String = Self.today) {
    self.name = name
    switch name {
    case .dev, .nightly: seed = XXH3.hash64(day) & 0xFFFF_FFFF
    case .ci, .faults: seed = 0
    }
    shrinkEvaluations = name == .faults ? 0 : name == .dev ? 2000 : 5000
    explains = name == .nightly
    writesRegressions = name == .dev
  }

  /// The profile that the environment asks for.
  ///
  /// `ZOO_PROFILE` is a name, `dev` if absent; `ZOO_SEED`, `ZOO_TRIALS` and `ZOO_REPLAY` override.
  ///
  /// - Parameter environment: the variables; those of the process if nil.
  public static func resolve(
    _ environment: [String: String]? = nil
  ) throws(ProfileError) -> Self {
    let environment = environment ?? ProcessInfo.processInfo.environment
    var profile = Self(.dev)
    if let text = environment["ZOO_PROFILE"] {
      guard let name = Name(rawValue: text) else {
        throw ProfileError(
          variable: "ZOO_PROFILE", value: text, expected: "dev, ci, nightly or faults",
          nearest: nearest(text, among: Name.allCases.map(\.rawValue)))
      }
      profile = Self(name)
    }
    if let text = environment["ZOO_SEED"] {
      guard let seed = UInt64(text) else {
        throw ProfileError(
          variable: "ZOO_SEED", value: text, expected: "a whole number from 0 to \(UInt64.max)")
      }
      profile.seed = seed
    }
    if let text = environment["ZOO_TRIALS"] {
      guard let trials = Int(text), trials > 0 else {
        throw ProfileError(
          variable: "ZOO_TRIALS", value: text, expected: "a whole number from 1 upward")
      }
      profile.trials = trials
    }
    if let text = environment["ZOO_REPLAY"] {
      guard let request = ReplayRequest(text) else {
        throw ProfileError(
          variable: "ZOO_REPLAY", value: text, expected: "'subject/law variant@blob'")
      }
      profile.replay = request
    }
    return profile
  }

  /// The profile of this process; if the environment is invalid, one that refuses to run.
  public static let current: Self = {
    do throws(ProfileError) {
      return try resolve()
    } catch {
      var refusing = Self(.dev)
      refusing.problem = error.description
      return refusing
    }
  }()

  /// The line to print before checks whose inputs are not the same every day; nil for others.
  public var announcement: String? {
    guard problem == nil, name == .dev || name == .nightly else { return nil }
    return "profile \(name.rawValue), seed \(seed): "
      + "ZOO_PROFILE=\(name.rawValue) ZOO_SEED=\(seed) draws the same inputs again"
  }

  /// The number of trials for a check whose full budget is n.
  public func budget(_ full: Int) -> Int {
    if let trials { return trials }
    let full = min(max(1, full), Self.mostTrials)
    return switch name {
    case .dev: max(16, full / 4)
    case .ci, .faults: full
    case .nightly: 8 * full
    }
  }

  /// So many that multiples of them are integers.
  private static var mostTrials: Int { 1 << 40 }

  /// Why a check cannot have so many trials, or nil.
  static func problem(trials: Int) -> String? {
    (1...mostTrials).contains(trials)
      ? nil : "expected a number of trials from 1 to \(mostTrials), got \(trials)"
  }

  /// Today's date in universal time, as `2026-11-25`.
  public static var today: String {
    Date().formatted(.iso8601.year().month().day())
  }
}

/// An environment variable with an invalid value.
public struct ProfileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The variable's name.
  public let variable: String
  /// What it was set to.
  public let value: String
  /// What it may be set to.
  public let expected: String
  /// The nearest value that it may be set to, if it is a word.
  public var nearest: String?

  /// The variable, what was expected, what it was, and the nearest valid value.
  public var description: String {
    "\(variable) is '\(value)'; expected \(expected)"
      + (nearest.map { "; did you mean '\($0)'?" } ?? "")
  }
}
