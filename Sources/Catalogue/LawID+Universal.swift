extension LawID {
  /// Every kind of part.
  public static let everyKind = Kind.allCases

  /// Whatever a part does not claim can be seen not to hold.
  public static let claimHonesty = LawID(
    "U01", "claim-honesty", kinds: everyKind, .contract, tags: [.dispatch, .error])
  /// The output equals the scalar float64 definition.
  public static let oracle = LawID(
    "U02", "oracle", kinds: everyKind, .precision,
    tags: [.leak, .axis, .scale, .norm, .formula, .precision, .dispatch, .exact])
  /// Shapes are the documented ones.
  public static let shapeContract = LawID(
    "U03", "shape-contract", kinds: everyKind, .contract, tags: [.axis, .error])
  /// Wrong input throws an error that names the problem.
  public static let errorContract = LawID(
    "U04", "error-contract", kinds: everyKind, .contract, tags: [.error, .config])
  /// Two calls in evaluation agree, and seeds determine all randomness.
  public static let determinism = LawID(
    "U05", "determinism", kinds: everyKind, .state, tags: [.random])
  /// A call changes none of its inputs.
  public static let purity = LawID("U06", "purity", kinds: everyKind, .state, tags: [.state])
  /// A call does not depend on the calls before it.
  public static let historyIndependence = LawID(
    "U07", "history-independence", kinds: everyKind, .state, tags: [.state])
  /// Views give the bits of packed tensors.
  public static let strideIndependence = LawID(
    "U08", "stride-independence", kinds: everyKind, .batching, tags: [.axis, .grad, .gradient])
  /// Batch items do not affect each other.
  public static let batchIndependence = LawID(
    "U09", "batch-independence", kinds: everyKind, .batching, tags: [.axis, .leak])
  /// Derivatives equal central differences.
  public static let gradientCheck = LawID(
    "U10", "gradient-check", kinds: everyKind, .gradients, tags: [.grad, .gradient])
  /// Derivatives exist exactly where they are claimed.
  public static let gradientCoverage = LawID(
    "U11", "gradient-coverage", kinds: everyKind, .gradients, tags: [.grad, .config, .gradient])
  /// Every type that is claimed works throughout, and no other.
  public static let dtypeContract = LawID(
    "U14", "dtype-contract", kinds: everyKind, .contract, tags: [.precision, .error])
  /// Saving and loading restores every bit.
  public static let stateDictRoundtrip = LawID(
    "U15", "state-dict-roundtrip", kinds: everyKind, .state, tags: [.state, .config])
  /// Configurations survive JSON, and no key is ignored.
  public static let configRoundtrip = LawID(
    "U16", "config-roundtrip", kinds: everyKind, .contract, tags: [.config])
  /// Dropout is off in evaluation, and the same forward and backward.
  public static let dropoutLifecycle = LawID(
    "U17", "dropout-lifecycle", kinds: everyKind, .dropout, tags: [.dropout, .gradient])
  /// Training is the definition with the drawn masks, which are independent.
  public static let dropoutStatistics = LawID(
    "U18", "dropout-statistics", kinds: everyKind, .dropout, tags: [.dropout, .statistical])
  /// Training differs from evaluation exactly where dropout is configured.
  public static let modeHonesty = LawID(
    "U19", "mode-honesty", kinds: everyKind, .dropout, tags: [.dropout, .config])
  /// The largest and smallest numbers give finite and right outputs.
  public static let finiteExtremes = LawID(
    "U20", "finite-extremes", kinds: everyKind, .stability, tags: [.precision])
  /// Every option has an effect.
  public static let optionLiveness = LawID(
    "U21", "option-liveness", kinds: everyKind, .contract, tags: [.config])
  /// Memory grows with length as claimed.
  public static let memoryScaling = LawID(
    "U22", "memory-scaling", kinds: everyKind, .cost, tags: [.cost])
  /// Initial values have the documented distribution and follow from the seed.
  public static let initStatistics = LawID(
    "U23", "init-statistics", kinds: everyKind, .state, tags: [.random, .config, .statistical])
  /// The parameters are the documented ones.
  public static let parameterInventory = LawID(
    "U24", "parameter-inventory", kinds: everyKind, .state, tags: [.config])
  /// Calls on several threads do not affect each other.
  public static let threadIndependence = LawID(
    "U25", "thread-independence", kinds: everyKind, .state, tags: [.state])
  /// A call leaves no memory behind.
  public static let handleBalance = LawID(
    "U26", "handle-balance", kinds: everyKind, .cost, tags: [.state, .cost])
  /// All implementations of a part agree.
  public static let pathEquality = LawID(
    "U27", "path-equality", kinds: [.attention, .multihead], .precision, tags: [.dispatch])
  /// Long calls, in chunks or by other kernels, equal the definition.
  public static let lengthThresholds = LawID(
    "U28", "length-thresholds", kinds: everyKind, .precision, tags: [.dispatch, .exact])
  /// Chunks of tokens, one after the other, give what one call gives.
  public static let incremental = LawID(
    "U29", "incremental", kinds: [.attention, .multihead, .positionEmbedding, .model], .causality,
    tags: [.state, .axis, .leak])
  /// Each output depends on its own token only.
  public static let tokenWise = LawID(
    "F01", "token-wise", kinds: everyKind, .causality, tags: [.leak])
  /// Recorded values are reproduced.
  public static let golden = LawID(
    "FIX", "golden", kinds: everyKind, .golden, tags: [.golden, .formula])

  static let universal: [LawID] = [
    .claimHonesty, .oracle, .shapeContract, .errorContract, .determinism, .purity,
    .historyIndependence, .strideIndependence, .batchIndependence, .gradientCheck,
    .gradientCoverage, .dtypeContract, .stateDictRoundtrip, .configRoundtrip, .dropoutLifecycle,
    .dropoutStatistics, .modeHonesty, .finiteExtremes, .optionLiveness, .memoryScaling,
    .initStatistics, .parameterInventory, .threadIndependence, .handleBalance, .pathEquality,
    .lengthThresholds, .incremental, .tokenWise, .golden,
  ]
}
