/// A group of laws that share one generated test function.
public enum Family: String, CaseIterable, Sendable, Codable {
  /// Shapes, errors, configurations, claims.
  case contract
  /// Who may see whom in time.
  case causality
  /// What masks hide.
  case masks
  /// What reordering tokens does.
  case permutation
  /// Items of a batch, heads and lengths.
  case batching
  /// Large, small and shifted inputs.
  case stability
  /// Equality with the definition within rounding.
  case precision
  /// Derivatives.
  case gradients
  /// What training drops.
  case dropout
  /// What a call may leave behind.
  case state
  /// Recorded values.
  case golden
  /// Time and memory.
  case cost
  /// The mathematics of one definition.
  case sharp
}
