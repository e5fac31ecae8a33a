extension LawID {
  private static func feedforward(
    _ code: String, _ name: String, _ tags: [LawTag], _ family: Family = .sharp
  ) -> LawID {
    LawID(code, name, kinds: [.feedforward], family, tags: tags + [.sharp])
  }

  /// Each activation has its values, also next to its kinks.
  public static let activationSpec = feedforward("F02", "activation-spec", [.formula])
  /// Outputs and derivatives are those of the two layers, one operation after the other.
  public static let fusedEqualsPlain = feedforward(
    "F04", "fused-equals-plain", [.grad, .exact, .gradient], .gradients)
  /// Without biases, a factor of the input is a power of it in the output.
  public static let homogeneity = feedforward("F05", "homogeneity", [.scale, .formula])
  /// One tap moves content by its offset, and kernels of the original are turned.
  public static let convDefinition = feedforward("F06", "conv-definition", [.axis, .state])
  /// An output depends on exactly the neighbours of its cell.
  public static let convField = feedforward("F07", "conv-field", [.leak, .axis])
  /// Content that moves on the grid moves the output alike.
  public static let convShift = feedforward("F08", "conv-shift", [.axis])
  /// Two experts are weighed by their logits, the first of equals.
  public static let moeDefinition = feedforward("F09", "moe-definition", [.formula, .norm, .grad])
  /// Equal experts are like one.
  public static let identicalExperts = feedforward("F10", "identical-experts", [.norm])
  /// The order of experts does not matter, or they take turns.
  public static let expertPermutation = feedforward("F11", "expert-permutation", [.axis])
  /// An expert serves as many tokens as it has room for, in order.
  public static let capacity = feedforward("F12", "capacity", [.formula, .axis])
  /// The auxiliary loss says how unequally experts are used.
  public static let auxiliaryLoss = feedforward("F13", "auxiliary-loss", [.formula])
  /// A gate multiplies by its function of one layer the other layer itself.
  public static let gateNumbers = feedforward("F14", "gate-numbers", [.formula])

  /// The second choice is made with Gumbel noise in training.
  public static let gateNoise = feedforward("F15", "gate-noise", [.random, .statistical])

  static let feedforward: [LawID] = [
    .activationSpec, .fusedEqualsPlain, .homogeneity, .convDefinition, .convField, .convShift,
    .moeDefinition, .identicalExperts, .expertPermutation, .capacity, .auxiliaryLoss, .gateNumbers,
    .gateNoise,
  ]
}
