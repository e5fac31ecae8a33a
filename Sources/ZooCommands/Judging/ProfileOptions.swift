internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import Properties

/// How hard to search.
struct ProfileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How hard to search: dev, ci, nightly or faults.",
      discussion: "By default the value of ZOO_PROFILE, or dev."),
    transform: profileName)
  var profile: Profile.Name?
  @Option(help: "The seed of the inputs; by default the value of ZOO_SEED, or that of the profile.")
  var seed: UInt64?
  @Option(
    help:
      "The number of trials of every law; by default the value of ZOO_TRIALS, or the law's own.",
    transform: positive)
  var trials: Int?

  /// The same as variables of the environment.
  var environment: [String: String] {
    var variables: [String: String] = [:]
    variables["ZOO_PROFILE"] = profile?.rawValue
    variables["ZOO_SEED"] = seed.map(String.init)
    variables["ZOO_TRIALS"] = trials.map(String.init)
    return variables
  }

  /// The profile that options and environment ask for.
  ///
  /// - Throws: `ProfileError` when the environment makes no sense.
  func resolved(
    _ variables: [String: String] = ProcessInfo.processInfo.environment, for kit: Kit
  ) throws(ProfileError) -> Profile {
    var profile = try Profile.resolve(variables.merging(environment) { $1 })
    profile.regressions = kit.regressions.path
    return profile
  }
}

extension Profile {
  /// The variables that give this profile to another process.
  var environment: [String: String?] {
    [
      "ZOO_PROFILE": name.rawValue, "ZOO_SEED": String(seed),
      "ZOO_TRIALS": trials.map(String.init),
      "ZOO_REPLAY": replay.map { "\($0.cell)@\($0.blob)" },
    ]
  }
}

private func profileName(_ word: String) throws -> Profile.Name {
  guard let name = Profile.Name(rawValue: word) else {
    throw ValidationError("expected dev, ci, nightly or faults")
  }
  return name
}

/// A whole number from 1 upward.
func positive(_ text: String) throws -> Int {
  guard let number = Int(text), number >= 1 else {
    throw ValidationError("expected a whole number from 1 upward")
  }
  return number
}
