internal import Catalogue

/// The laws of a kit.
public struct LawBook: Sendable {
  /// The laws in report order.
  public private(set) var laws: [Law]

  /// The laws of this package, one file each, listed by hand.
  public static let zoo = LawBook(
    laws: universal + attention + sharp + patterns + projections + landmarks + orthoformer + lambda
      + features + mixers + feedforward + positions + multihead + normalization + residual
      + reversible + model + embedding + recorded)

  private init(laws: [Law]) { self.laws = laws }

  /// Adds laws of another package.
  ///
  /// - Throws: `KitError` if a name or code is taken.
  public mutating func add(_ more: [Law]) throws {
    for law in more {
      if let other = laws.first(where: { $0.id.name == law.id.name || $0.id.code == law.id.code }) {
        throw KitError(
          "the law \(law.id.code) `\(law.id.name)` clashes with \(other.id.code) `\(other.id.name)`"
        )
      }
      laws.append(law)
    }
  }
}

extension LawBook {
  static let universal: [Law] = [
    .claimHonesty, .oracle, .shapeContract, .errorContract, .determinism, .purity,
    .historyIndependence, .strideIndependence, .batchIndependence, .gradientCheck,
    .gradientCoverage, .dtypeContract, .stateDictRoundtrip, .configRoundtrip, .dropoutLifecycle,
    .dropoutStatistics, .modeHonesty, .finiteExtremes, .optionLiveness, .memoryScaling,
    .initStatistics, .parameterInventory, .threadIndependence, .handleBalance, .pathEquality,
    .lengthThresholds, .incremental, .tokenWise,
  ]
  static let attention: [Law] = [
    .causality, .receptiveField, .causalAlignment, .keyPaddingErasure, .maskedContentIrrelevance,
    .nanIsolation, .emptyRow, .maskKindEquality, .maskComposition, .keyValuePermutation,
    .permutationEquivariance, .convexHull, .constantValue, .valueLinearity, .shiftStability,
    .rowIndependence, .crossLength, .maskHeadOrder, .valueWidth, .broadcastBatch, .logitExtremes,
    .sequenceRestriction,
  ]
  static let sharp: [Law] = [
    .additiveBias, .scaleLaw, .zeroQuery, .retrievalLimit,
    .bandedMask, .wideWindow, .windowOne, .windowStep,
  ]
  static let patterns: [Law] = [
    .maskUnion, .crop, .allOrNone, .drawnPattern, .patternRate, .patternLifetime,
    .kronMask, .layoutLimits, .headLayout, .ruleLayout,
    .coveringWindow, .sinkStep, .ownAndSink,
  ]
  static let projections: [Law] = [
    .identityProjection, .rankOne, .prefixProjection, .projectionRoles,
  ]
  static let landmarks: [Law] = [
    .densePath, .segmentExact, .pinvRecurrence, .pinvConverges, .landmarkSegments, .rowSum,
    .skipAdditivity, .paddingTruncation,
  ]
  static let lambda: [Law] = [
    .lambdaDefinition, .queryLinear, .keyShift, .relativeShift,
  ]
  static let features: [Law] = [
    .kernelUnbiased, .varianceRate, .featureOracle, .normaliseInvariant, .causalPrefix,
    .featureGeometry, .redrawSchedule, .converges,
  ]
  static let mixers: [Law] = [
    .singleRule, .equalRules, .rulePermutation, .composeSource,
    .discreteFourier, .fourierEnergy, .doubleApplication,
    .windowAverage, .windowField, .linearMixing,
    .visualIdentity, .visualField, .visualTap,
    .recurrentForm, .equalKeys, .featureScale,
  ]
  static let feedforward: [Law] = [
    .activationSpec, .fusedEqualsPlain, .homogeneity, .convDefinition, .convField, .convShift,
    .moeDefinition, .identicalExperts, .expertPermutation, .capacity, .auxiliaryLoss, .gateNumbers,
    .gateNoise,
  ]
  static let positions: [Law] = [.rotaryRelative, .rotaryLengths, .positionPhase]
  static let multihead: [Law] = [
    .perHeadLoop, .headPermutation, .identityDispatch, .selfDefault, .sharedProjection, .biasTuple,
    .rotaryOnQueryKey, .unusedProjections, .maskFold, .widthOptions, .moduleCausality,
    .residualDropout, .biasMask, .sharedKeys, .normalizedLogits, .cachedHeads,
  ]
  static let normalization: [Law] = [
    .normMoments, .normEpsilon, .normConditioning, .normGradient,
  ]
  static let residual: [Law] = [
    .zeroSublayer, .normalizedInputs, .noBranch, .droppedItems, .depthRule,
  ]
  static let reversible: [Law] = [
    .reversibleDefinition, .reversibleInverse, .reversibleGradient, .reversibleDropout,
    .reversibleRouting, .reversibleMemory,
  ]
  static let model: [Law] = [
    .zeroedBranches, .causalStack, .layerPosition, .configEqualsCode, .deepnormStack, .weightInit,
    .tiedEmbeddings, .inputMask, .memoryUse, .embeddingWidth, .modelDropout,
  ]
  static let embedding: [Law] = [
    .patchSequence, .simplicial, .alibi, .biasDistance, .relativeBuckets,
  ]
  static let orthoformer: [Law] = [
    .allLandmarks, .twoStage, .constantQuery, .greedySelection, .kmeansDescent,
  ]
  static let recorded: [Law] = [.golden]
}
