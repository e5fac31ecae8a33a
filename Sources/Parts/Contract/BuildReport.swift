public import JSON
internal import Torch

/// How the keys of a configuration were used.
public struct BuildReport: Sendable, Equatable {
  /// The keys that the part used, with their values; nested ones with their path.
  public var used: [String: JSON] = [:]
  /// The keys that were absent, with their default values.
  public var defaults: [String: JSON] = [:]
  /// The keys that have no effect, most of them those of other parts.
  public var unused: [String: JSON] = [:]
  /// Why a key has no effect, unless it is that of another part.
  public var reasons: [String: String] = [:]

  /// Adds the report of a part inside this one.
  mutating func add(_ inner: BuildReport, under key: String) {
    for (name, value) in inner.used { used["\(key).\(name)"] = value }
    for (name, value) in inner.defaults { defaults["\(key).\(name)"] = value }
    for (name, value) in inner.unused { unused["\(key).\(name)"] = value }
    for (name, reason) in inner.reasons { reasons["\(key).\(name)"] = reason }
  }
}

/// A part and the report of its configuration.
public struct BuiltPart {
  /// The part, in training mode.
  public let part: any PartModule
  /// How the keys were used.
  public let report: BuildReport
}
