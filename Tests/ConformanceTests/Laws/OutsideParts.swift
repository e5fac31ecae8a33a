import Conformance
import JSON
import Parts
import Torch

/// The options of a Nyström attention under other names.
struct RenamedNystromConfig: PartConfig {
  var heads: Int
  var points = 64
  var isExact = false
  var steps = 6
  var taps: Int?

  static let sample = Self(heads: 2)
  static let required = ["heads"]
  static let domain: [String: OptionDomain] = [
    "heads": .equal(.heads), "points": .around(.keyLength), "steps": .values([1, 3]),
    "taps": .values([nil, 1, 3]),
  ]

  var original: NystromSelfAttentionConfig {
    var config = NystromSelfAttentionConfig.sample
    config.numHeads = heads
    config.numLandmarks = points
    config.useRazaviPinverse = !isExact
    config.invIterations = steps
    config.convKernelSize = taps
    return config
  }

  func validate() throws {
    try require((taps ?? 1) >= 1 && (taps ?? 1) % 2 == 1, "taps", "an odd number", got: taps ?? 1)
    try original.validate()
  }
}

/// A Nyström attention that shares no name with the zoo's: neither its own, nor one of an option,
/// nor one of a parameter.
final class RenamedNystrom: Module, Attention {
  let config: RenamedNystromConfig
  private let inner: NystromAttention

  init(_ config: RenamedNystromConfig, generator: Generator) throws {
    self.config = config
    inner = try NystromAttention(config.original, generator: generator)
    super.init(["inside": inner])
  }

  static func claims(for config: RenamedNystromConfig) -> Claims {
    renamed(NystromAttention.claims(for: config.original))
  }

  func claims(queryLength: Int, keyLength: Int) -> Claims {
    Self.renamed(inner.claims(queryLength: queryLength, keyLength: keyLength))
  }

  private static func renamed(_ original: Claims) -> Claims {
    var claims = original
    claims.dropout = .none
    claims.definition?.parameters = (original.definition?.parameters ?? [:])
      .mapValues { "inside." + $0 }
    claims.parameters = original.parameters.inside
    return claims
  }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    try inner(query, key, value, masks: masks)
  }
}

extension [String: ParameterClaim] {
  /// The same under the keys of a part inside another.
  fileprivate var inside: Self {
    Self(uniqueKeysWithValues: map { ("inside.\($0)", $1) })
  }
}

/// What the parts below do wrong, in the task that judges them.
enum OutsideMistake {
  case nothing
  case seesFurther, capsWindow, ignoresWidth, takesEvenWidths, blamesUnknownKey, blamesAnotherKey
  case ignoresLoss, hidesLoss
  case renewsPattern, drawsHalf, takesNoPairs, reportsOthers
  case declaresNoPattern, declaresNoSinks
  case blamesNothing, blamesValues, throwsUnknownTensor

  @TaskLocal static var current = nothing
}

/// The options of a local attention under other names, the window given by its reach or its width.
struct RenamedLocalConfig: PartConfig {
  var width = 5
  var isBackward = false
  var loss = 0.0

  static let sample = Self()
  static let domain: [String: OptionDomain] = ["width": .around(.queryLength)]

  /// The zoo's options of the same meaning.
  var original: LocalAttentionConfig {
    var config = LocalAttentionConfig.sample
    config.windowSize = width
    config.causal = isBackward
    config.dropout = loss
    return config
  }

  func validate() throws {
    try require(dropout: loss, key: "loss")
    try require(size: width, "width")
    guard !isBackward, width.isMultiple(of: 2) else { return }
    switch OutsideMistake.current {
    case .takesEvenWidths: return
    case .blamesUnknownKey: throw PartError(.unknownKey(key: "width", known: ["breadth"]))
    case .blamesAnotherKey: try require(false, "loss", "a share", got: loss)
    default: try require(false, "width", "an odd number", got: width)
    }
  }
}

/// The zoo's local attention under other names, which on request sees more or less than it claims.
final class RenamedLocal: Module, Attention {
  let config: RenamedLocalConfig
  private let inner: LocalAttention

  init(_ config: RenamedLocalConfig, generator: Generator) throws {
    self.config = config
    var original = config.original
    switch OutsideMistake.current {
    case .seesFurther: original.windowSize += 2
    case .capsWindow: original.windowSize = min(original.windowSize, 3)
    case .ignoresWidth: original.windowSize = 5
    case .takesEvenWidths where !config.isBackward: original.windowSize |= 1
    case .ignoresLoss: original.dropout = 0
    default: break
    }
    inner = try LocalAttention(original, generator: generator)
    super.init(["inside": inner])
  }

  static func claims(for config: RenamedLocalConfig) -> Claims {
    var claims = LocalAttention.claims(for: config.original)
    claims.dropout = OutsideMistake.current == .hidesLoss ? .none : .weights(key: "loss")
    return claims
  }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    try inner(query, key, value, masks: masks)
  }
}

/// The options of a local attention whose key holds half of the window.
struct ReachConfig: PartConfig {
  var reach = 2

  static let sample = Self()
  static let domain: [String: OptionDomain] = ["reach": .values([2, 1, 4])]

  var renamed: RenamedLocalConfig { RenamedLocalConfig(width: 2 * reach + 1) }

  func validate() throws {
    try require(reach >= 0, "reach", "at least 0", got: reach)
    try require(size: 2 * reach + 1, "reach")
  }
}

/// A local attention whose window follows from its reach.
final class ReachLocal: Module, Attention {
  let config: ReachConfig
  private let inner: RenamedLocal

  init(_ config: ReachConfig, generator: Generator) throws {
    self.config = config
    inner = try RenamedLocal(config.renamed, generator: generator)
    super.init(["inside": inner])
  }

  static func claims(for config: ReachConfig) -> Claims {
    var claims = RenamedLocal.claims(for: config.renamed)
    claims.dropout = .none
    return claims
  }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    try inner(query, key, value, masks: masks)
  }
}

/// The options of a random attention under other names.
struct RenamedRandomConfig: PartConfig {
  var share = 0.5
  var isKept = true

  static let sample = Self()
  static let domain: [String: OptionDomain] = ["share": .values([0.5, 0.2])]

  /// The zoo's options of the same meaning.
  var original: RandomAttentionConfig {
    var config = RandomAttentionConfig.sample
    config.r = share
    config.constantMasking = isKept
    return config
  }

  func validate() throws {
    guard OutsideMistake.current != .takesNoPairs else { return }
    try require(share > 0 && share <= 1, "share", "a share above 0, at most 1", got: share)
  }
}

/// The zoo's random attention under other names.
final class RenamedRandom: Module, Attention {
  let config: RenamedRandomConfig
  private let inner: RandomAttention

  init(_ config: RenamedRandomConfig, generator: Generator) throws {
    self.config = config
    var original = config.original
    switch OutsideMistake.current {
    case .renewsPattern: original.constantMasking = false
    case .drawsHalf: original.r /= 2
    default: break
    }
    inner = try RandomAttention(original, generator: generator)
    super.init(["inside": inner])
  }

  static func claims(for config: RenamedRandomConfig) -> Claims {
    var claims = RandomAttention.claims(for: config.original)
    claims.dropout = .none
    return claims
  }

  var drawn: [String: Tensor] {
    guard OutsideMistake.current == .reportsOthers else { return inner.drawn }
    return inner.drawn.mapValues { (try? $0.transposed()) ?? $0 }
  }

  func inject(_ drawn: [String: Tensor]) throws { try inner.inject(drawn) }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    try inner(query, key, value, masks: masks)
  }
}

/// The zoo's Linformer, which on request throws another error for a length that it refuses.
final class GrumblingLinformer: Module, Attention {
  let config: LinformerSelfAttentionConfig
  private let inner: LinformerAttention

  init(_ config: LinformerSelfAttentionConfig, generator: Generator) throws {
    self.config = config
    inner = try LinformerAttention(config, generator: generator)
    super.init(["inside": inner])
  }

  static func claims(for config: LinformerSelfAttentionConfig) -> Claims {
    var claims = LinformerAttention.claims(for: config)
    claims.dropout = .none
    claims.definition?.parameters = ["E": "inside.E.weight", "F": "inside.F.weight"]
    claims.parameters = claims.parameters.inside
    return claims
  }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    do { return try inner(query, key, value, masks: masks) } catch let error as PartError {
      switch OutsideMistake.current {
      case .blamesNothing:
        throw PartError(.shape(tensor: "q", expected: "fewer tokens", got: query.shape))
      case .blamesValues:
        throw PartError(
          .shape(tensor: "v", expected: "at most \(config.seqLen)", got: query.shape + [1]))
      case .throwsUnknownTensor:
        throw PartError(.unknownTensor(tensor: "q", known: ["at most \(config.seqLen)"]))
      default: throw error
      }
    }
  }
}

/// The options of a doubling.
struct DoublingConfig: PartConfig {
  var dimModel: Int
  static let sample = Self(dimModel: 8)
  static let required = ["dim_model"]
}

/// A feedforward whose definition only its own package knows.
final class Doubling: Module, Feedforward {
  let config: DoublingConfig

  init(_ config: DoublingConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }

  static func claims(for config: DoublingConfig) -> Claims {
    var claims = Claims()
    claims.tokenWise = true
    claims.definition = Definition("doubling")
    return claims
  }

  var signature: Signature {
    Signature(
      [.init("inputs", ["B", "S", "E"])], output: ["B", "S", "E"], fixed: ["E": config.dimModel])
  }

  func callAsFunction(_ inputs: Tensor) throws -> Tensor { try inputs * 2 }
}

extension PartEntry {
  static let copiedLinformer = PartEntry.attention(
    "copied", LinformerAttention.self, LinformerSelfAttentionConfig.self,
    summary: "The zoo's under another name.")
  static let renamedNystrom = PartEntry.attention(
    "renamed", RenamedNystrom.self, RenamedNystromConfig.self,
    summary: "One without the zoo's names.")
  static let renamedLocal = PartEntry.attention(
    "renamed_local", RenamedLocal.self, RenamedLocalConfig.self,
    summary: "A window of its own name.")
  static let reachLocal = PartEntry.attention(
    "reach_local", ReachLocal.self, ReachConfig.self, summary: "A window by its reach.")
  static let renamedRandom = PartEntry.attention(
    "renamed_random", RenamedRandom.self, RenamedRandomConfig.self, summary: "Pairs by share.")
  static let grumblingLinformer = PartEntry.attention(
    "grumbling", GrumblingLinformer.self, LinformerSelfAttentionConfig.self,
    summary: "The zoo's with other errors.")
  static let doubling = PartEntry.feedforward(
    "doubling", Doubling.self, DoublingConfig.self, summary: "Doubles.")
}
