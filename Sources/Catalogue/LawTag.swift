/// A word by which laws are selected: a class of bugs, or a way of checking.
public enum LawTag: String, CaseIterable, Sendable, Codable {
  // The classes of bugs.
  /// Sees what it must not.
  case leak
  /// Hides what must be seen.
  case overmask
  /// Layout, broadcasting, order.
  case axis
  /// A factor on the logits or outputs.
  case scale
  /// Weights that do not sum to one.
  case norm
  /// Another function than declared.
  case formula
  /// Digits lost.
  case precision
  /// Caches, aliasing, mutation.
  case state
  /// Wrong derivatives.
  case grad
  /// Wrong dropout.
  case dropout
  /// An option lost on a path.
  case dispatch
  /// An option that is dead, a key that is dropped.
  case config
  /// Wrong input that is accepted.
  case error
  /// Distributions and seeds.
  case random
  /// Time and memory.
  case cost
  // The ways of checking.
  /// Compares with the exact definition.
  case exact
  /// Compares within an approximation.
  case approximate
  /// Rejects by a statistical test.
  case statistical
  /// Looks at derivatives.
  case gradient
  /// Gives masks.
  case mask
  /// Compares with recorded values.
  case golden
  /// Takes seconds rather than milliseconds.
  case slow
  /// Pins one definition without its oracle.
  case sharp
}
