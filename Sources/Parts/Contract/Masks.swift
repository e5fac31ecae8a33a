public import Torch

/// The masks of one call.
public struct Masks: Sendable {
  /// Which pairs may meet: Bool, true = may attend, or a floating tensor added to the logits, where
  /// −∞ hides a key. Shapes `[S, T]`, `[B, S, T]` (each item for all its heads) or `[B, H, S, T]`.
  public var attention: Tensor?
  /// Which tokens are real, `[B, T]`: Bool, true = real. The additive form (0 and −∞, `[B, T]` or
  /// `[B·H, 1, T]`) is taken, too.
  public var keyPadding: Tensor?

  /// No mask.
  public static let none = Masks()

  /// Collects the masks of a call.
  public init(attention: Tensor? = nil, keyPadding: Tensor? = nil) {
    self.attention = attention
    self.keyPadding = keyPadding
  }

  /// Whether there is none.
  public var isEmpty: Bool { attention == nil && keyPadding == nil }
}

/// The masks of a call, checked and brought to one form.
public struct LogitMask: Sendable {
  /// Which pairs may meet, Bool, broadcastable to `[N, S, T]`; nil is all.
  public var allowed: Tensor?
  /// What is added to the logits, broadcastable to `[N, S, T]`, finite wherever pairs may meet.
  public var bias: Tensor?

  /// Takes masks in this form; without any, all pairs may meet.
  public init(allowed: Tensor? = nil, bias: Tensor? = nil) {
    self.allowed = allowed
    self.bias = bias
  }

  /// Both masks in one, true where a pair is allowed by both.
  public mutating func restrict(_ other: Tensor) throws(TorchError) {
    if let own = allowed { allowed = try own .& other } else { allowed = other }
  }
}

extension Masks {
  /// Checks the masks against what a part claims and the lengths of a call.
  ///
  /// - Throws: `PartError` for a mask the part cannot honour, or one of another shape or type.
  public func resolved(_ lengths: AttentionLengths, dtype: DType, claims: Claims) throws
    -> LogitMask
  {
    var mask = LogitMask()
    if let attention {
      try Self.require(attention, claims)
      let expanded = try Self.expand(attention, lengths)
      if attention.dtype == .bool {
        mask.allowed = expanded
      } else {
        guard attention.dtype == dtype else {
          throw PartError(
            .dtype(
              tensor: "att_mask", expected: "bool, or \(dtype) as the query",
              got: attention.dtype.rawValue))
        }
        mask.bias = expanded
        let visible = try .!expanded.detached().equals(-.infinity)
        if try !visible.allTrue() { mask.allowed = visible }
      }
    }
    if let padding = try realTokens(lengths, claims: claims) {
      let row = try padding.repeatInterleaved(lengths.folded / padding.size(0), 0)
      try mask.restrict(row.unsqueezed(1))
    }
    if claims.causal == .always, !(Fault.isActive(.causalLostWithMask) && !isEmpty) {
      let reach = Fault.pick(.causalPlusOne, wrong: 1, right: 0)
      let ones = try Tensor.full([lengths.queries, lengths.keys], 1, .bool)
      try mask.restrict(ones.lowerTriangle(reach))
    }
    return mask
  }

  /// The key padding as Bool `[B, T]`, true = real, or nil.
  ///
  /// - Throws: `PartError` when the part takes none, or for another shape, type or value.
  public func realTokens(_ lengths: AttentionLengths, claims: Claims) throws -> Tensor? {
    guard let keyPadding else { return nil }
    guard claims.masks.contains(.keyPadding) else {
      throw PartError(
        .unsupported(feature: "key_padding_mask", reason: "the part takes no key padding"))
    }
    var padding = keyPadding
    if padding.dtype.isFloating, padding.rank == 3, padding.size(1) == 1 {
      padding = try padding.squeezed(1)
    }
    guard padding.rank == 2, padding.size(1) == lengths.keys, padding.size(0) > 0,
      lengths.folded % padding.size(0) == 0
    else {
      throw PartError(
        .shape(
          tensor: "key_padding_mask",
          expected: "[B, T] with B dividing \(lengths.folded) and T = \(lengths.keys)",
          got: keyPadding.shape))
    }
    if padding.dtype == .bool { return padding }
    guard padding.dtype.isFloating else {
      throw PartError(
        .dtype(
          tensor: "key_padding_mask", expected: "bool, or a floating type with 0 and -inf",
          got: padding.dtype.rawValue))
    }
    let real = try padding.equals(0)
    guard try (real .| padding.equals(-.infinity)).allTrue() else {
      throw PartError(
        .content(
          tensor: "key_padding_mask", expected: "only 0 and -inf in its additive form",
          got: "other values"))
    }
    return real
  }

  private static func require(_ mask: Tensor, _ claims: Claims) throws(PartError) {
    let kind: MaskKind
    if mask.dtype == .bool {
      kind = mask.rank == 2 ? .boolean2D : .boolean3D
    } else if mask.dtype.isFloating {
      kind = .additive
    } else {
      throw PartError(
        .dtype(
          tensor: "att_mask", expected: "bool, or a floating type", got: mask.dtype.rawValue))
    }
    guard claims.masks.contains(kind) else {
      throw PartError(
        .unsupported(
          feature: "att_mask",
          reason: claims.masks.isDisjoint(with: [.boolean2D, .boolean3D, .additive])
            ? "the part takes no attention mask" : "the part takes no \(kind.rawValue) mask"))
    }
  }

  /// The mask for each folded head: items repeat H times, neighbours first.
  private static func expand(_ mask: Tensor, _ lengths: AttentionLengths) throws -> Tensor {
    let shape = mask.shape
    let expected =
      "[S, T], [B, S, T] or [B, H, S, T] with S = \(lengths.queries), T = \(lengths.keys) "
      + "and B·H = \(lengths.folded)"
    guard shape.suffix(2) == [lengths.queries, lengths.keys] else {
      throw PartError(.shape(tensor: "att_mask", expected: expected, got: shape))
    }
    switch shape.count {
    case 2: return mask
    case 3 where shape[0] > 0 && lengths.folded % shape[0] == 0:
      return shape[0] == lengths.folded
        ? mask
        : try Fault.pick(
          .maskTiled,
          wrong: Tensor.cat(Array(repeating: mask, count: lengths.folded / shape[0]), 0),
          right: mask.repeatInterleaved(lengths.folded / shape[0], 0))
    case 4 where shape[0] * shape[1] == lengths.folded:
      return try mask.reshaped([lengths.folded] + shape.suffix(2))
    default: throw PartError(.shape(tensor: "att_mask", expected: expected, got: shape))
    }
  }
}
