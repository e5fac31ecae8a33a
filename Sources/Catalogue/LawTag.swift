/// A word that selects laws: a class of bugs, or a way of checking.
public enum LawTag: String, CaseIterable, Sendable, Codable {
  // The classes of bugs.
  /// Depends on input it must not see.
  case leak
  /// Hides input that must be seen.
  case overmask
  /// Layout, broadcasting, order.
  case axis
  /// A wrong factor on logits or outputs.
  case scale
  /// Weights that do not sum to one.
  case norm
  /// A function other than the declared one.
  case formula
  /// Lost digits.
  case precision
  /// Caches, aliasing, mutation.
  case state
  /// Wrong derivatives.
  case grad
  /// Wrong dropout.
  case dropout
  /// An option lost on a path.
  case dispatch
  /// A dead option, or a dropped key.
  case config
  /// Wrong input accepted.
  case error
  /// Distributions and seeds.
  case random
  /// Time and memory.
  case cost
  // The ways of checking.
  /// Compares with the exact definition.
  case exact
  /// Compares up to an approximation error.
  case approximate
  /// Rejects by a statistical test.
  case statistical
  /// Checks derivatives.
  case gradient
  /// Passes masks.
  case mask
  /// Compares with recorded values.
  case golden
  /// Takes seconds rather than milliseconds.
  case slow
  /// Checks one definition without its oracle.
  case sharp
}
