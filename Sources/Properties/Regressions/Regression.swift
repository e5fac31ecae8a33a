internal import JSON

/// A failure that was met before, kept as a test.
public struct Regression: Hashable, Sendable {
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

extension Regression {
  /// Each property by its key in a file.
  private static var fields: [(key: String, path: WritableKeyPath<Self, String>)] {
    [
      ("choices", \.choices), ("dtype", \.dtype), ("firstSeen", \.firstSeen),
      ("generatorHash", \.generatorHash), ("origin", \.origin), ("printed", \.printed),
    ]
  }

  /// The failures that the bytes of a file tell.
  package static func list(parsing bytes: [UInt8]) throws -> [Regression] {
    try JSONPlace(JSON(parsing: bytes)).elements.map { entry in
      var regression = Regression(
        generatorHash: "", choices: "", printed: "", origin: "", dtype: "", firstSeen: "")
      for (key, path) in fields { regression[keyPath: path] = try entry.member(key).string }
      return regression
    }
  }

  /// The text of a file.
  package static func text(_ list: [Regression]) throws -> String {
    let entries = list.map { entry in
      JSON.object(JSONObject(fields.map { ($0.key, .string(entry[keyPath: $0.path])) }))
    }
    return try JSON.array(entries).text(.pretty) + "\n"
  }
}

/// Why a file of stored failures cannot be used.
struct RegressionFileError: Error, Sendable, CustomStringConvertible {
  let path: String
  let why: String

  var description: String { "\(path): \(why)" }
}
