public import Torch

extension Masks {
  /// Checks kinds, types, shapes and values of the masks, without converting them.
  ///
  /// - Throws: `PartError` for a mask the part cannot honour, or one of another shape or type.
  public func check(_ lengths: AttentionLengths, dtype: DType, claims: Claims) throws {
    if let attention { try checkAttention(attention, lengths, dtype, claims) }
    if let keyPadding { try checkPadding(keyPadding, lengths, claims) }
  }

  /// The checked masks, without those that neither hide nor add anything.
  ///
  /// - Throws: `PartError` for a mask the part cannot honour, or one of another shape or type.
  func effective(_ lengths: AttentionLengths, dtype: DType, claims: Claims) throws -> Masks {
    try check(lengths, dtype: dtype, claims: claims)
    let isIdle =
      try attention.map { mask in
        mask.dtype == .bool
          ? try mask.allTrue() : try !mask.requiresGrad && mask.equals(0).allTrue()
      } ?? true
    return Masks(
      attention: isIdle ? nil : attention,
      keyPadding: try realTokens(lengths, claims: claims) == nil ? nil : keyPadding)
  }

  private func checkAttention(
    _ mask: Tensor, _ lengths: AttentionLengths, _ dtype: DType, _ claims: Claims
  ) throws(PartError) {
    func refuse(_ problem: PartError.Problem) -> PartError {
      PartError(problem, part: lengths.part)
    }
    guard !claims.masks.isDisjoint(with: [.boolean2D, .boolean3D, .additive]) else {
      throw refuse(
        .unsupported(feature: "att_mask", reason: "the part takes no attention mask"))
    }
    guard mask.dtype == .bool || mask.dtype == dtype else {
      throw refuse(
        .dtype(
          tensor: "att_mask", expected: "bool, or \(dtype), the type of the query",
          got: mask.dtype.rawValue))
    }
    let kind: MaskKind =
      mask.dtype != .bool ? .additive : mask.rank == 2 ? .boolean2D : .boolean3D
    guard claims.masks.contains(kind) else {
      throw refuse(
        .unsupported(feature: "att_mask", reason: "the part takes no \(kind.rawValue) mask"))
    }
    let shape = mask.shape
    let fits =
      switch shape.count {
      case 2: true
      case 3: lengths.allowsItems(shape[0], claims, folded: true)
      case 4: lengths.allowsHeads(shape[0], shape[1], claims)
      default: false
      }
    guard fits, shape.suffix(2) == [lengths.queries, lengths.keys] else {
      throw refuse(
        .shape(
          tensor: "att_mask",
          expected: "[S, T], [B, S, T] or [B, H, S, T] with S = \(lengths.queries), "
            + "T = \(lengths.keys) and \(lengths.itemsText)",
          got: shape))
    }
  }

  func checkPadding(
    _ padding: Tensor, _ lengths: AttentionLengths, _ claims: Claims
  ) throws {
    func refuse(_ problem: PartError.Problem) -> PartError {
      PartError(problem, part: lengths.part)
    }
    guard claims.masks.contains(.keyPadding) else {
      throw refuse(
        .unsupported(feature: "key_padding_mask", reason: "the part takes no key padding"))
    }
    let isTyped = lengths.dtype.map { padding.dtype == $0 } ?? padding.dtype.isFloating
    guard padding.dtype == .bool || isTyped else {
      throw refuse(
        .dtype(
          tensor: "key_padding_mask",
          expected: "bool, or "
            + (lengths.dtype.map { "\($0), the type of the query" } ?? "a floating type"),
          got: padding.dtype.rawValue))
    }
    let shape = padding.shape
    let isAdditive = padding.dtype.isFloating
    let fits =
      switch shape.count {
      case 2: lengths.allowsItems(shape[0], claims, folded: false)
      case 3: isAdditive && shape[1] == 1 && lengths.allowsItems(shape[0], claims, folded: true)
      default: false
      }
    guard fits, shape.last == lengths.keys else {
      throw refuse(
        .shape(
          tensor: "key_padding_mask",
          expected: "[B, T], or [N, 1, T] if additive, with T = \(lengths.keys) and "
            + lengths.itemsText,
          got: shape))
    }
    guard isAdditive else { return }
    guard try (padding.equals(0) .| padding.equals(-.infinity)).allTrue() else {
      throw refuse(
        .content(
          tensor: "key_padding_mask", expected: "only 0 and -inf in its additive form",
          got: "other values"))
    }
  }
}

extension AttentionLengths {
  /// The items of the batch, where heads are known.
  private var items: Int? { front.count == 2 ? front[0] : nil }

  /// Whether a mask may have so many items, with heads folded in or not.
  func allowsItems(_ count: Int, _ claims: Claims, folded isFolded: Bool) -> Bool {
    // The part does not know how many of its rows are the heads of one item.
    guard let items else { return count > 0 && folded % count == 0 }
    return count == items || isFolded && count == folded || claims.batchBroadcast && count == 1
  }

  /// Whether a mask may have so many items and heads.
  func allowsHeads(_ batch: Int, _ heads: Int, _ claims: Claims) -> Bool {
    guard front.count == 2 else { return batch * heads == folded }
    return heads == front[1] && (batch == front[0] || claims.batchBroadcast && batch == 1)
  }

  /// What is known about B and H, in words.
  var itemsText: String {
    front.count == 2 ? "B = \(front[0]), H = \(front[1])" : "B·H = \(folded)"
  }
}
