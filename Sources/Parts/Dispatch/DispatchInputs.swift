internal import Torch

/// The tensors of one call of a dispatch, checked, those of one item repeated for the whole batch.
struct DispatchInputs {
  /// The queries, `[B, S, E]`.
  let query: Tensor
  /// The keys, `[B, T, E]`.
  let key: Tensor
  /// The values, `[B, T, E]`.
  let value: Tensor
  /// The masks.
  let masks: Masks

  /// Checks tensors and masks.
  ///
  /// - Throws: `PartError` for what does not fit the dispatch.
  init(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ masks: Masks, for dispatch: MultiHeadDispatch
  ) throws {
    let config = dispatch.config
    for (name, tensor) in [("query", query), ("key", key), ("value", value)] {
      try dispatch.checkTokens(tensor, name, width: config.dimModel)
    }
    let claims = dispatch.claims
    let batch: Int
    do {
      let lengths = try AttentionLengths(
        query, key, value, claims: claims, heads: config.numHeads, part: dispatch.errorTitle)
      try masks.check(lengths, dtype: query.dtype, claims: claims)
      batch = lengths.front[0]
    } catch let inner as PartError {
      throw dispatch.named(inner)
    }
    func repeated(_ x: Tensor) throws -> Tensor {
      let isFirstOnly =
        Fault.isActive(.broadcastFirstItem) && [query, key, value].contains { $0.size(0) == 1 }
      return x.size(0) == batch && !isFirstOnly
        ? x
        // Copies, so that kernels see what they would of repeated items, to the last bit.
        : try x.slice(0, 0..<1).expanded([batch] + x.shape.dropFirst()).contiguous()
    }
    self.query = try repeated(query)
    self.key = try repeated(key)
    self.value = try repeated(value)
    // An attention need not know that one item's mask serves all.
    if Fault.isActive(.maskOfFirstItem), let mask = masks.attention, mask.rank > 2 {
      self.masks = Masks(
        attention: try mask.slice(0, 0..<1).expanded([batch] + mask.shape.dropFirst()),
        keyPadding: masks.keyPadding)
      return
    }
    let ofOne = masks.attention.map { $0.rank > 2 && $0.size(0) == 1 } ?? false
    self.masks = Masks(
      attention: ofOne ? try masks.attention.map(repeated) : masks.attention,
      keyPadding: masks.keyPadding?.size(0) == 1
        ? try masks.keyPadding.map(repeated) : masks.keyPadding)
  }
}
