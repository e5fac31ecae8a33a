internal import Torch

/// The checked tensors of a call of a dispatch; those of a single item are repeated for the batch.
struct DispatchInputs {
  /// The queries, `[B, S, E]`.
  let query: Tensor
  /// The keys, `[B, T, E]`.
  let key: Tensor
  /// The values, `[B, T, E]`.
  let value: Tensor
  /// The masks.
  private(set) var masks: Masks

  /// Checks tensors and masks.
  ///
  /// - Throws: `PartError` for what does not fit the dispatch.
  init(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ masks: Masks, for dispatch: MultiHeadDispatch
  ) throws {
    let config = dispatch.config
    for (name, tensor) in [("query", query), ("key", key), ("value", value)]
    where name == "query" || tensor !== query {
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
      guard x.size(0) != batch else { return x }
      // A copy, so that kernels compute the same as for repeated items, to the last bit.
      return try x.expanded([batch] + x.shape.dropFirst()).contiguous()
    }
    self.query = try repeated(query)
    self.key = try repeated(key)
    self.value = try repeated(value)
    // The attention need not handle a mask of one item for all.
    let ofOne = masks.attention.map { $0.rank > 2 && $0.size(0) == 1 } ?? false
    self.masks = Masks(
      attention: ofOne ? try masks.attention.map(repeated) : masks.attention,
      keyPadding: masks.keyPadding?.size(0) == 1
        ? try masks.keyPadding.map(repeated) : masks.keyPadding)
  }

  /// Adds a bias to the mask, for each item and head.
  mutating func add(_ part: any AttentionBias) throws {
    let bias = try part.bias(
      queries: query.size(1), keys: key.size(1), offset: 0, query.dtype)
    let all = try bias.expanded([query.size(0)] + bias.shape)
    // Items in front, then heads; rows of folded heads have both in one axis.
    let mask = try masks.attention.map { mask in
      mask.rank == 3 ? try mask.reshaped([query.size(0), -1] + mask.shape.suffix(2)) : mask
    }
    masks.attention =
      switch mask {
      case let mask? where mask.dtype == .bool: try all.filled(-.infinity, where: .!mask)
      case let mask?: try all + mask
      case nil: all
      }
  }
}
