/// The implementation of an attention that has more than one; all give the same result.
public enum AttentionPath: String, Sendable, CaseIterable {
  /// The one that is fastest for the call.
  case automatic
  /// All pairs of queries and keys, in single operations.
  case dense
  /// Only the pairs of the pattern, or a fused kernel; all pairs where the masks of a call need them.
  case structured
}

/// An attention with more than one implementation.
public protocol PathChoosing: AnyObject {
  /// The implementation to use.
  var path: AttentionPath { get set }
}
