public import Testing

// Tags of generated suites: what the part is, and the family of laws. `zoo test` lists tests by them.
extension Tag {
  /// Suites of attentions.
  @Tag public static var attention: Self
  /// Suites of feedforwards.
  @Tag public static var feedforward: Self
  /// Suites of position embeddings.
  @Tag public static var positionEmbedding: Self
  /// Suites of normalizations.
  @Tag public static var normalization: Self
  /// Suites of residual styles.
  @Tag public static var residual: Self
  /// Suites of reversible sequences.
  @Tag public static var reversible: Self
  /// Suites of models.
  @Tag public static var model: Self
  /// Suites of patch embeddings.
  @Tag public static var patchEmbedding: Self
  /// Suites of simplicial embeddings.
  @Tag public static var simplicialEmbedding: Self
  /// Suites of attention biases.
  @Tag public static var attentionBias: Self
  /// Suites of multi-head dispatches.
  @Tag public static var multihead: Self

  /// Shapes, errors, configurations, claims.
  @Tag public static var contract: Self
  /// Which tokens see which in time.
  @Tag public static var causality: Self
  /// What masks hide.
  @Tag public static var masks: Self
  /// What reordering tokens does.
  @Tag public static var permutation: Self
  /// Items of a batch, heads and lengths.
  @Tag public static var batching: Self
  /// Large, small and shifted inputs.
  @Tag public static var stability: Self
  /// Equality with the definition within rounding.
  @Tag public static var precision: Self
  /// Derivatives.
  @Tag public static var gradients: Self
  /// What training drops.
  @Tag public static var dropout: Self
  /// What a call may leave behind.
  @Tag public static var state: Self
  /// Recorded values.
  @Tag public static var golden: Self
  /// Time and memory.
  @Tag public static var cost: Self
  /// The mathematics of one definition.
  @Tag public static var sharp: Self
}
