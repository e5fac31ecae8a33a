public import Torch

/// A mask of pairs of tokens that can be made from other forms, cut and joined.
///
/// The original has it under the same name. A call takes its `bias` as `Masks.attention`. Lengths are
/// those of the last two axes; a matrix stays a matrix. Causality is a flag, never guessed from values.
public struct AttentionMask: Sendable {
  /// What is added to the logits, floating, `[S, T]`, `[N, S, T]` or `[B, H, S, T]`; −∞ hides a key.
  public let bias: Tensor
  /// Whether `causal` made the mask, or it was cropped from such a mask.
  public let isCausal: Bool

  /// Takes an additive mask.
  ///
  /// - Throws: `PartError` for another type or rank, or for a mask that requires gradients.
  public init(additive bias: Tensor) throws {
    guard bias.dtype.isFloating else {
      throw Self.refusal(
        .dtype(tensor: "att_mask", expected: "a floating type", got: bias.dtype.rawValue))
    }
    guard (2...4).contains(bias.rank) else {
      throw Self.refusal(
        .shape(
          tensor: "att_mask", expected: "[S, T], [N, S, T] or [B, H, S, T]", got: bias.shape))
    }
    guard !bias.requiresGrad else {
      throw Self.refusal(
        .unsupported(feature: "att_mask", reason: "no gradient is computed for a mask"))
    }
    self.init(bias, isCausal: false)
  }

  /// Takes a Boolean mask, true = may attend: 0 where true, −∞ elsewhere.
  ///
  /// - Throws: `PartError` for another type or rank.
  public init(allowed: Tensor, _ dtype: DType = .float32) throws {
    guard allowed.dtype == .bool else {
      throw Self.refusal(
        .dtype(tensor: "att_mask", expected: "bool", got: allowed.dtype.rawValue))
    }
    try self.init(additive: Tensor.zeros(allowed.shape, dtype).filled(-.infinity, where: .!allowed))
  }

  /// Takes a mask of factors, where 0 hides a key and any other number does not.
  ///
  /// - Throws: `PartError` for truth values or another rank.
  public init(multiplicative factors: Tensor, _ dtype: DType = .float32) throws {
    guard factors.dtype != .bool else {
      throw Self.refusal(
        .dtype(tensor: "att_mask", expected: "numbers; `allowed:` takes bool", got: "bool"))
    }
    try self.init(allowed: .!factors.detached().equals(0), dtype)
  }

  /// The mask in which a query sees the keys up to its own position, counted from the first key.
  public static func causal(queries: Int, keys: Int? = nil, _ dtype: DType = .float32) throws
    -> Self
  {
    let ones = try Tensor.full([queries, keys ?? queries], 1, .bool).lowerTriangle()
    return Self(try Self(allowed: ones, dtype).bias, isCausal: true)
  }

  private init(_ bias: Tensor, isCausal: Bool) {
    self.bias = bias
    self.isCausal = isCausal
  }

  /// The number of queries, S.
  public var queries: Int { bias.size(-2) }
  /// The number of keys, T.
  public var keys: Int { bias.size(-1) }

  /// Which pairs may meet, Bool, of the shape of `bias`.
  public var allowed: Tensor { get throws { try .!bias.equals(-.infinity) } }

  /// The mask of the first queries and keys.
  ///
  /// - Throws: `PartError` when there are fewer.
  public func cropped(queries: Int, keys: Int? = nil) throws -> Self {
    let keys = keys ?? queries
    guard queries > 0, keys > 0 else {
      throw Self.refusal(
        .value(key: "queries, keys", expected: "at least 1 of each", got: "\(queries), \(keys)"))
    }
    guard queries <= self.queries, keys <= self.keys else {
      throw Self.refusal(
        .shape(
          tensor: "att_mask", expected: "at least \(queries) queries and \(keys) keys",
          got: bias.shape))
    }
    let piece = try bias.slice(-2, 0..<queries).slice(-1, 0..<keys)
    return Self(piece, isCausal: isCausal)
  }

  /// Both masks: pairs that both allow, with both biases. Never causal, even if both were.
  ///
  /// - Throws: `PartError` when the lengths differ, or the items or heads, unless one mask has 1.
  public static func + (a: Self, b: Self) throws -> Self {
    guard a.queries == b.queries, a.keys == b.keys else {
      throw refusal(
        .shape(
          tensor: "att_mask",
          expected: "\(a.queries) queries and \(a.keys) keys like the other mask",
          got: b.bias.shape))
    }
    let (front, other) = (a.bias.shape.dropLast(2), b.bias.shape.dropLast(2))
    guard
      front.isEmpty || other.isEmpty
        || front.count == other.count
          && zip(front, other).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 })
    else {
      throw refusal(
        .shape(
          tensor: "att_mask", expected: "items and heads like those of the other mask, \(front)",
          got: b.bias.shape))
    }
    return Self(try a.bias + b.bias, isCausal: false)
  }

  fileprivate static func refusal(_ problem: PartError.Problem) -> PartError {
    PartError(problem, part: "attention mask")
  }
}

extension Masks {
  /// Key padding merged into the attention mask, one row of masks for each head of each item.
  ///
  /// The original calls it `maybe_merge_masks`; the result can be given to parts that take no key
  /// padding. Row `b · heads + h` belongs to head h of item b. A Boolean mask, or none, gives a Boolean
  /// one, an additive mask an additive one.
  ///
  /// - `batch`, `heads`: B and H.
  /// - `queries`: S; by default that of the mask, or else T of the padding.
  /// - Throws: `PartError` when a mask is of another type or shape than `attention` and `keyPadding`
  ///   may have.
  public func merged(batch: Int, heads: Int, queries: Int? = nil) throws -> Masks {
    guard let padding = keyPadding else { return self }
    guard batch > 0, heads > 0 else {
      throw AttentionMask.refusal(
        .value(key: "batch, heads", expected: "at least 1 of each", got: "\(batch), \(heads)"))
    }
    guard padding.rank > 1 else {
      throw AttentionMask.refusal(
        .shape(tensor: "key_padding_mask", expected: "[B, T]", got: padding.shape))
    }
    guard attention?.rank ?? 2 > 1 else {
      throw AttentionMask.refusal(
        .shape(
          tensor: "att_mask", expected: "[S, T], [B, S, T] or [B, H, S, T]",
          got: attention?.shape ?? []))
    }
    let keys = padding.size(-1)
    let lengths = AttentionLengths(
      front: [batch, heads], queries: queries ?? attention.map { $0.size(-2) } ?? keys,
      keys: keys, part: "attention mask")
    var claims = Claims()
    claims.masks = [.keyPadding, .boolean2D, .boolean3D, .additive]
    let mask = try resolved(lengths, dtype: attention?.dtype ?? .float32, claims: claims)
    let shape = [batch * heads, lengths.queries, keys]
    let allowed = try mask.allowed?.expanded(shape) ?? Tensor.full(shape, 1, .bool)
    guard let attention, attention.dtype != .bool else { return Masks(attention: allowed) }
    let bias = try mask.bias ?? Tensor.zeros([1, 1, 1], attention.dtype)
    return Masks(attention: try bias.expanded(shape).filled(-.infinity, where: .!allowed))
  }
}
