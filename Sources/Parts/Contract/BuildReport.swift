public import JSON
internal import Torch

/// How the keys of a configuration were used.
public struct BuildReport: Sendable, Equatable {
  /// The keys that the part used, with their values; nested ones with their path.
  public var used: [String: JSON] = [:]
  /// The keys that were absent, with their default values.
  public var defaults: [String: JSON] = [:]
  /// The keys of other parts, which this one ignores.
  public var unused: [String: JSON] = [:]

  /// Adds the report of a part inside this one.
  mutating func add(_ inner: BuildReport, under key: String) {
    for (name, value) in inner.used { used["\(key).\(name)"] = value }
    for (name, value) in inner.defaults { defaults["\(key).\(name)"] = value }
    for (name, value) in inner.unused { unused["\(key).\(name)"] = value }
  }
}

/// A part and the report of its configuration.
public struct BuiltPart {
  /// The part, in training mode.
  public let part: any PartModule
  /// How the keys were used.
  public let report: BuildReport
}
