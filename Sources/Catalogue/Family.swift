/// A group of laws that share one generated test function.
public enum Family: String, CaseIterable, Sendable, Codable {
  /// Shapes, errors, configurations, claims.
  case contract
  /// Which tokens may depend on which others in time.
  case causality
  /// The effect of masks.
  case masks
  /// The effect of reordering tokens.
  case permutation
  /// Batch items, heads and lengths.
  case batching
  /// Large, small and shifted inputs.
  case stability
  /// Equality with the definition up to rounding.
  case precision
  /// Derivatives.
  case gradients
  /// Dropout in training.
  case dropout
  /// State kept between calls.
  case state
  /// Recorded values.
  case golden
  /// Time and memory.
  case cost
  /// The mathematics of one definition.
  case sharp
}
