public import JSON
internal import Torch

/// The options of a part, as JSON and as Swift.
///
/// JSON keys are the property names in snake case; `CodingKeys` are needed only where one differs.
/// Properties with a default are optional in JSON. An absent key and `null` take the value of
/// ``sample``; a key in ``required`` must be given.
public protocol PartConfig: Codable, Sendable, Equatable {
  /// A small valid configuration, which only provides the defaults.
  static var sample: Self { get }

  /// The JSON keys that have no default.
  static var required: [String] { get }

  /// For a required key, the keys that together replace it; their properties are optional.
  static var substitutes: [String: [String]] { get }

  /// The values that property tests try for a key, if its name and type do not determine them.
  static var domain: [String: OptionDomain] { get }

  /// The keys that change no result where they are accepted, since they only serve configurations of
  /// the original, or have one possible value.
  static var inert: Set<String> { get }

  /// A configuration for calls of a length that the sample and the domain do not reach, such as a
  /// pattern made for it; nil if they do.
  static func sample(length: Int) -> Self?

  /// Checks the ranges of the values.
  ///
  /// - Throws: `PartError` with the key, what was expected and what was got.
  func validate() throws
}

extension PartConfig {
  /// No key is required.
  public static var required: [String] { [] }

  /// A required key must be given itself.
  public static var substitutes: [String: [String]] { [:] }

  /// Names and types determine the values.
  public static var domain: [String: OptionDomain] { [:] }

  /// Every key has an effect.
  public static var inert: Set<String> { [] }

  /// The sample fits every length.
  public static func sample(length: Int) -> Self? { nil }

  /// Everything that decodes is in range.
  public func validate() throws {}

  /// Throws unless a condition on a key's value holds.
  public func require(
    _ condition: Bool, _ key: String, _ expected: String, got: some Any
  ) throws(PartError) {
    if !condition { throw PartError(.value(key: key, expected: expected, got: "\(got)")) }
  }

  /// Throws unless a length or count lies from 1 to 2³¹ − 1, so that no product of two overflows.
  public func require(size: Int, _ key: String) throws(PartError) {
    try require(
      size >= 1 && size <= Int(Int32.max), key, "a whole number from 1 to \(Int32.max)", got: size)
  }

  /// Throws unless a dropout lies from 0 to 1.
  public func require(dropout: Double, key: String = "dropout") throws(PartError) {
    try require(dropout >= 0 && dropout <= 1, key, "a number from 0 to 1", got: dropout)
  }
}

/// What property tests try for one key of a configuration.
public enum OptionDomain: Sendable {
  /// These values; `null` leaves the key out.
  case values([JSON])
  /// Numbers below, at and above a dimension of the trial, but at least 1.
  case around(Dimension)
  /// The dimension itself, or more.
  case atLeast(Dimension)
  /// The dimension itself.
  case equal(Dimension)
  /// Always the value of the sample.
  case fixed
}

/// A length that a trial chooses.
public enum Dimension: String, Sendable, CaseIterable, Codable {
  /// Items in a batch.
  case batch = "B"
  /// Queries.
  case queryLength = "S"
  /// Keys.
  case keyLength = "T"
  /// Heads.
  case heads = "H"
  /// Channels of a head.
  case headWidth = "D"
  /// Channels of a value.
  case valueWidth = "V"
  /// Channels of a token.
  case modelWidth = "E"
}
