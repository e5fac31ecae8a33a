/// What became of a state that was loaded.
public struct LoadReport: Sendable, Equatable {
  /// The keys whose values nothing here needs, sorted: parameters of the original that had no effect.
  public var dropped: [String] = []
}
