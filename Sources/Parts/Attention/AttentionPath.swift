/// Which implementation an attention runs, where it has more than one; all give one result.
public enum AttentionPath: String, Sendable, CaseIterable {
  /// The one that suits the call.
  case automatic
  /// All pairs of queries and keys, in single operations.
  case dense
  /// Only the pairs that are there, or a fused kernel; all pairs where a call's masks need them.
  case structured
}

/// An attention with more than one implementation.
public protocol PathChoosing: AnyObject {
  /// Which one runs from now on.
  var path: AttentionPath { get set }
}
