public import Torch

/// The masks of one call.
public struct Masks: Sendable {
  /// Which pairs may meet: Bool, true = may attend, or a floating tensor added to the logits, where
  /// −∞ hides a key. Shapes `[S, T]`, `[B, S, T]` (each item for all its heads) or `[B, H, S, T]`.
  public var attention: Tensor?
  /// Which tokens are real, `[B, T]`: Bool, true = real, or additive in the type of the query, 0 and
  /// −∞, `[B, T]` or `[B·H, 1, T]`.
  public var keyPadding: Tensor?

  /// No mask.
  public static let none = Masks()

  /// Collects the masks of a call.
  public init(attention: Tensor? = nil, keyPadding: Tensor? = nil) {
    self.attention = attention
    self.keyPadding = keyPadding
  }

  /// Whether there are no masks.
  public var isEmpty: Bool { attention == nil && keyPadding == nil }
}

/// The checked masks of a call in one form.
public struct LogitMask: Sendable {
  /// Which pairs may meet, Bool, broadcastable to `[N, S, T]`; nil is all.
  public var allowed: Tensor? { didSet { causal = nil } }
  /// What is added to the logits, broadcastable to `[N, S, T]`, finite wherever pairs may meet.
  public var bias: Tensor?
  /// The forms of `allowed`, if it hides later keys and nothing else.
  private(set) var causal: CausalPairs?

  /// Makes masks of this form; without any, all pairs may meet.
  public init(allowed: Tensor? = nil, bias: Tensor? = nil) {
    self.allowed = allowed
    self.bias = bias
  }

  /// Both masks in one, true where a pair is allowed by both.
  public mutating func restrict(_ other: Tensor) throws(TorchError) {
    if let own = allowed { allowed = try own .& other } else { allowed = other }
  }

  /// Hides later keys, too.
  mutating func restrict(_ pairs: CausalPairs) throws(TorchError) {
    let isAll = allowed == nil
    try restrict(pairs.allowed)
    if isAll { causal = pairs }
  }
}

/// Pairs of queries and keys of which no key comes later.
struct CausalPairs: Sendable {
  /// Which are such pairs, Bool `[S, T]`.
  let allowed: Tensor
  /// 0 for such pairs, −∞ for others, `[1, S, T]`.
  let summand: Tensor

  /// What they depend on.
  struct Form: Equatable {
    let queries: Int
    let keys: Int
    let dtype: DType
  }

  /// Those of the last call of a part.
  typealias Kept = Torch.Kept<Form, Self>

  /// Those of some queries and keys.
  static func of(_ queries: Int, _ keys: Int, _ dtype: DType, _ kept: Kept?) throws -> Self {
    func made() throws -> Self {
      let allowed = try Tensor.full([queries, keys], 1, .bool).lowerTriangle()
      return Self(
        allowed: allowed, summand: try AttentionMask(allowed: allowed.unsqueezed(0), dtype).bias)
    }
    // Large ones would take memory for good.
    guard let kept, queries * keys <= 1 << 16 else { return try made() }
    return try kept.value(for: Form(queries: queries, keys: keys, dtype: dtype), made)
  }
}

extension Masks {
  /// Checks the masks against the claims of a part and the lengths of a call.
  ///
  /// - Throws: `PartError` for a mask the part cannot honour, or one of another shape or type.
  public func resolved(_ lengths: AttentionLengths, dtype: DType, claims: Claims) throws
    -> LogitMask
  {
    try resolved(lengths, dtype: dtype, claims: claims, keeping: nil)
  }

  /// The same, for a part that keeps causal pairs.
  func resolved(
    _ lengths: AttentionLengths, dtype: DType, claims: Claims, keeping kept: CausalPairs.Kept?
  ) throws -> LogitMask {
    var mask = LogitMask()
    if let attention = try effective(lengths, dtype: dtype, claims: claims).attention {
      let expanded = try Self.expand(attention, lengths)
      if attention.dtype == .bool {
        mask.allowed = expanded
      } else {
        mask.bias = expanded
        let visible = try .!expanded.detached().equals(-.infinity)
        if try !visible.allTrue() { mask.allowed = visible }
      }
    }
    if let padding = try realTokens(lengths, claims: claims) {
      let row = try padding.repeatInterleaved(lengths.folded / padding.size(0), 0)
      try mask.restrict(row.unsqueezed(1))
    }
    if claims.causal == .always {
      try mask.restrict(CausalPairs.of(lengths.queries, lengths.keys, dtype, kept))
    }
    return mask
  }

  /// The key padding as Bool `[B, T]`, true = real, or nil if all tokens are.
  ///
  /// - Throws: `PartError` when the part takes none, or for another shape, type or value.
  public func realTokens(_ lengths: AttentionLengths, claims: Claims) throws -> Tensor? {
    guard let keyPadding else { return nil }
    try checkPadding(keyPadding, lengths, claims)
    let padding = keyPadding.rank == 3 ? try keyPadding.squeezed(1) : keyPadding
    let real = padding.dtype == .bool ? padding : try padding.equals(0)
    return try real.allTrue() ? nil : real
  }

  /// The mask for each folded head: each item repeated H times, its copies side by side.
  private static func expand(_ mask: Tensor, _ lengths: AttentionLengths) throws -> Tensor {
    let shape = mask.shape
    guard shape.count > 2 else { return mask }
    if shape.count == 4 { return try mask.reshaped([lengths.folded] + shape.suffix(2)) }
    guard shape[0] != lengths.folded else { return mask }
    return try mask.repeatInterleaved(lengths.folded / shape[0], 0)
  }
}
