import Parts
import Torch

/// A way to get softmax attention wrong, in the terms of its logits, weights and output.
protocol Mistake: Sendable {
  /// What is claimed for queries without keys.
  static var emptyRow: EmptyRowClaim { get }
  /// Changes what is added to the logits, `[N, S, T]`, −∞ where a pair is hidden.
  static func logits(_ logits: Tensor, _ query: Tensor, _ key: Tensor) throws -> Tensor
  /// Changes which pairs may meet, Bool, broadcastable to `[N, S, T]`.
  static func allowed(_ allowed: Tensor, _ causal: Tensor?) throws -> Tensor
  /// Changes the weights, `[N, S, T]`.
  static func weights(_ weights: Tensor, _ allowed: Tensor) throws -> Tensor
}

extension Mistake {
  static var emptyRow: EmptyRowClaim { .zero }
  static func logits(_ logits: Tensor, _ query: Tensor, _ key: Tensor) throws -> Tensor { logits }
  static func allowed(_ allowed: Tensor, _ causal: Tensor?) throws -> Tensor {
    try causal.map { try allowed .& $0 } ?? allowed
  }
  static func weights(_ weights: Tensor, _ allowed: Tensor) throws -> Tensor { weights }
}

/// The options of an attention that makes a mistake.
struct MistakenConfig: PartConfig {
  var causal = false
  static let sample = Self()
}

/// Softmax attention written apart from the zoo's, which claims everything and makes one mistake.
final class MistakenAttention<M: Mistake>: Module, Attention {
  let config: MistakenConfig

  init(_ config: MistakenConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }

  static func claims(for config: MistakenConfig) -> Claims {
    var claims = Claims()
    claims.causal = config.causal ? .always : .option
    claims.masks = [.boolean2D, .boolean3D, .additive]
    claims.queryEquivariant = !config.causal
    claims.keyValueInvariant = !config.causal
    claims.linearInValue = true
    claims.rowsSumToOne = true
    claims.crossLength = true
    claims.valueWidth = .free
    claims.softmaxOverProducts = true
    claims.pattern = .full
    claims.emptyRow = M.emptyRow
    return claims
  }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    let lengths = try checkInputs(query, key, value)
    var open = claims
    open.causal = .option
    let mask = try masks.resolved(lengths, dtype: query.dtype, claims: open)
    let shape = [query.size(0), query.size(1), key.size(1)]
    let all = try Tensor.full(shape, 1, .bool)
    let causal = config.causal ? try all.lowerTriangle() : nil
    let allowed = try M.allowed(mask.allowed.map { try all .& $0 } ?? all, causal)
    var logits = try query.matmul(key.transposed()) / Double(query.size(-1)).squareRoot()
    if let bias = mask.bias { logits = try logits + bias }
    logits = try M.logits(logits, query, key).filled(-.infinity, where: .!allowed)
    let weights = try M.weights(logits.safeSoftmax(-1), allowed)
    return try weights.matmul(value)
  }
}
