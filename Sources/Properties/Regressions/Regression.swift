/// A failure that was met before, kept as a test.
public struct Regression: Codable, Hashable, Sendable {
  /// The hash of the generator's schema when the failure was stored.
  public var generatorHash: String
  /// The choices of the input, as a replay line holds them.
  public var choices: String
  /// The input as text, to be entered anew if the choices no longer fit.
  public var printed: String
  /// Which assertion failed.
  public var origin: String
  /// The variant of the check, such as its dtype; empty if there is one only.
  public var dtype: String
  /// The day it was first met, such as `2026-11-25`.
  public var firstSeen: String
}

/// Why a file of stored failures cannot be used.
struct RegressionFileError: Error, Sendable, CustomStringConvertible {
  let path: String
  let why: String

  var description: String { "\(path): \(why)" }
}
