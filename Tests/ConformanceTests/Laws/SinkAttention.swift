import Conformance
import JSON
import Oracles
import Parts
import Torch

/// The options of a window with sinks.
struct SinkConfig: PartConfig {
  var reach = 1
  var sinks = 1

  static let sample = Self()
  static let domain: [String: OptionDomain] = [
    "reach": .values([1, 0, 3]), "sinks": .values([1, 0, 2]),
  ]

  func validate() throws {
    try require(reach >= 0, "reach", "at least 0", got: reach)
    try require(sinks >= 0, "sinks", "at least 0", got: sinks)
  }

  var rule: PairRule {
    let config = self
    return PairRule("\(reach) around and the first \(sinks)") {
      abs($0 - $1) <= config.reach || $1 < config.sinks
    }
  }
}

/// Softmax attention over a window and the first few keys, which is none of the known patterns.
final class SinkAttention: Module, Attention {
  let config: SinkConfig
  private let inner: ScaledDotProductAttention

  init(_ config: SinkConfig, generator: Generator) throws {
    self.config = config
    inner = try ScaledDotProductAttention(.sample, generator: generator)
    super.init(["inside": inner])
  }

  static func claims(for config: SinkConfig) -> Claims {
    var claims = ScaledDotProductAttention.claims(for: .sample)
    claims.causal = .never
    claims.queryEquivariant = false
    claims.keyValueInvariant = false
    claims.dropout = .none
    claims.pattern =
      switch OutsideMistake.current {
      case .declaresNoPattern: nil
      case .declaresNoSinks: .pairs(PairRule("no sinks") { abs($0 - $1) <= config.reach })
      default: .pairs(config.rule)
      }
    claims.definition = Definition(
      "sinks", options: ["reach": .integer(config.reach), "sinks": .integer(config.sinks)])
    return claims
  }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    let (queries, keys) = (query.size(-2), key.size(-2))
    let pairs = (0..<queries * keys).map { config.rule.allows($0 / keys, $0 % keys) }
    let allowed = try Tensor(pairs, shape: [queries, keys])
    let mask = try masks.attention.map {
      try $0.dtype == .bool ? $0 .& allowed : $0.filled(-.infinity, where: .!allowed)
    }
    return try inner(
      query, key, value, masks: Masks(attention: mask ?? allowed, keyPadding: masks.keyPadding))
  }
}

extension PartEntry {
  static let sinks = PartEntry.attention(
    "sinks", SinkAttention.self, SinkConfig.self, summary: "A window with sinks.")
}

extension Oracle {
  /// oᵢ = Σⱼ softmaxⱼ(qᵢ·kⱼ/√D + biasᵢⱼ) vⱼ over the allowed j near i and the first few.
  static let sinks = Oracle(name: "sinks", file: "SinkAttention.swift") { call in
    let (q, k, v) = (try call.input("q"), try call.input("k"), try call.input("v"))
    let (reach, sinks) = (try call.integer("reach"), try call.integer("sinks"))
    let masks = try call.masks()
    var output = Values.zeros([masks.items, masks.queries, v.shape[2]])
    for n in 0..<masks.items {
      for i in 0..<masks.queries {
        let logits = (0..<masks.keys).map { j -> Double in
          guard abs(i - j) <= reach || j < sinks, masks.allows(n, i, j) else { return -.infinity }
          let product = (0..<q.shape[2]).reduce(0) { $0 + q[n, i, $1] * k[n, j, $1] }
          return product / Double(q.shape[2]).squareRoot() + masks.bias(n, i, j)
        }
        let weights = softmaxRow(logits)
        for c in 0..<v.shape[2] {
          output[n, i, c] = (0..<masks.keys).reduce(0) { $0 + weights[$1] * v[n, $1, c] }
        }
      }
    }
    return output
  }
}
