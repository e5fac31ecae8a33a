/// The result of loading a state.
public struct LoadReport: Sendable, Equatable {
  /// The keys that were ignored, sorted: parameters of the original that have no effect here.
  public var dropped: [String] = []
}
