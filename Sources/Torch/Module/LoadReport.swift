/// The result of loading a state.
public struct LoadReport: Sendable, Equatable {
  /// The keys of the tensors that were loaded, in the order of declaration; a shared one is there
  /// once.
  public var loaded: [String] = []
  /// The keys of the tensors that were not and kept their values, in that order: those that a
  /// checkpoint of the original lacks and, if loading was not strict, all that the state lacks.
  public var missing: [String] = []
  /// The keys of the state that the module does not have, sorted; empty if loading was strict.
  public var leftOver: [String] = []
  /// The keys that were ignored, sorted: parameters of the original that have no effect here.
  public var dropped: [String] = []

  /// The number of the module's tensors, without those that its options determine.
  public var total: Int { loaded.count + missing.count }
}
