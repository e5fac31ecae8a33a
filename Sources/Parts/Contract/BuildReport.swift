public import JSON
internal import Torch

/// What became of the keys of a configuration.
public struct BuildReport: Sendable, Equatable {
  /// The keys the part used, with their values; nested ones with their path.
  public var used: [String: JSON] = [:]
  /// The keys that were absent, with the values they took.
  public var defaults: [String: JSON] = [:]
  /// The keys that mean something to another part and nothing to this one.
  public var unused: [String: JSON] = [:]

  /// Takes in the report of a part inside this one.
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
  /// What became of the keys.
  public let report: BuildReport
}
