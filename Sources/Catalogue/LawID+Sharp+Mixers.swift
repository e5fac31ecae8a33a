extension LawID {
  private static func mixer(_ code: String, _ name: String, _ tags: [LawTag]) -> LawID {
    LawID(code, name, kinds: [.attention], .sharp, tags: tags + [.sharp])
  }

  // Compositional attention.
  /// One retrieval is multi-head attention with one value for all heads.
  public static let singleRule = mixer("CMP1", "single-rule", [.formula, .dispatch])
  /// Equal retrievals make scores irrelevant.
  public static let equalRules = mixer("CMP2", "equal-rules", [.formula, .norm])
  /// The order of retrievals does not matter, and their weights sum to one.
  public static let rulePermutation = mixer("CMP3", "rule-permutation", [.axis, .norm])
  /// The retrieval query of a token comes from that token.
  public static let composeSource = mixer("CMP4", "compose-source", [.axis, .leak])

  // Fourier mixing.
  /// Equals the real part of a discrete Fourier transform of the query.
  public static let discreteFourier = mixer("FOU1", "dft", [.formula, .leak])
  /// Preserves the energy of even input.
  public static let fourierEnergy = mixer("FOU2", "energy", [.scale, .formula])
  /// Applying it twice adds the reversed input, and it is linear.
  public static let doubleApplication = mixer("FOU3", "double-application", [.formula])

  // Pooling.
  /// Equals the mean of the window's cells inside the grid, minus the token.
  public static let windowAverage = mixer("POO1", "average", [.formula, .norm])
  /// Depends on exactly the cells of the window.
  public static let windowField = mixer("POO2", "window-field", [.leak, .overmask, .axis])
  /// Is linear, keeps channels apart and refuses options that change the number of tokens.
  public static let linearMixing = mixer("POO3", "linear-mixing", [.formula, .config, .error])

  // Visual attention.
  /// Without its last layer, or its gate, only the shortcut is left.
  public static let visualIdentity = mixer("VIS1", "identity", [.formula])
  /// Depends on exactly the cells within eleven rows and columns.
  public static let visualField = mixer("VIS2", "field", [.leak, .overmask, .axis])
  /// One tap moves content by its own offset.
  public static let visualTap = mixer("VIS3", "tap", [.axis, .formula])

  // Linear attention.
  /// Adding keys to a state token by token gives the same outputs.
  public static let recurrentForm = mixer("LNR1", "recurrent-form", [.formula, .leak, .mask])
  /// Equal keys give the mean of the values.
  public static let equalKeys = mixer("LNR2", "equal-keys", [.norm, .mask])
  /// A factor on the features of a query or of all keys cancels.
  public static let featureScale = mixer("LNR3", "feature-scale", [.scale, .formula])

  static let mixers: [LawID] = [
    .singleRule, .equalRules, .rulePermutation, .composeSource,
    .discreteFourier, .fourierEnergy, .doubleApplication,
    .windowAverage, .windowField, .linearMixing,
    .visualIdentity, .visualField, .visualTap,
    .recurrentForm, .equalKeys, .featureScale,
  ]
}
