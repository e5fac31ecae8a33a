import Conformance
import JSON
import Parts
import Torch

/// The options of a Nyström attention under names of its own.
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

  func validate() throws { try original.validate() }
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
    return claims
  }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    try inner(query, key, value, masks: masks)
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
  static let doubling = PartEntry.feedforward(
    "doubling", Doubling.self, DoublingConfig.self, summary: "Doubles.")
}
