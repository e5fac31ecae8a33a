public import Torch

extension BlockLayout {
  /// The blocks in which a pattern allows at least one pair (`pattern_to_layout`).
  ///
  /// - Parameters:
  ///   - pattern: the allowed pairs, `[H, n, n]` or `[n, n]`; every number except 0 is true.
  ///   - blockSize: the tokens along the side of a block.
  /// - Throws: `PartError` for a pattern that is not square or that the block size does not divide.
  public init(covering pattern: Tensor, blockSize: Int) throws {
    guard pattern.rank == 2 || pattern.rank == 3, pattern.size(-1) == pattern.size(-2) else {
      throw PartError(
        .shape(tensor: "pattern", expected: "[H, n, n] or [n, n]", got: pattern.shape))
    }
    let length = pattern.size(-1)
    guard blockSize >= 1, length > 0, length % blockSize == 0 else {
      throw PartError(
        .value(key: "block_size", expected: "a divisor of \(length)", got: "\(blockSize)"))
    }
    let count = length / blockSize
    let blocks = try pattern.to(.bool).reshaped([-1, count, blockSize, count, blockSize])
    try self.init(blocks.any(4).any(2).to(.int64))
  }

  /// The pairs that lie in a stored block, Bool `[H, S, S]` (`layout_to_pattern`).
  ///
  /// - Throws: `PartError` for a block size below 1.
  public func pattern(blockSize: Int) throws -> Tensor {
    guard blockSize >= 1 else {
      throw PartError(.value(key: "block_size", expected: "at least 1", got: "\(blockSize)"))
    }
    return try tensor.to(.bool).repeatInterleaved(blockSize, 1).repeatInterleaved(blockSize, 2)
  }

  /// The stored blocks of matrices, in the order of heads, rows and columns
  /// (`block_sparsify_tensor`).
  ///
  /// - Parameters:
  ///   - matrices: `[B, H, S, S]`.
  ///   - blockSize: the tokens along the side of a block.
  /// - Returns: `[B, number of stored blocks, b, b]`.
  /// - Throws: `PartError` for matrices whose shape differs from that of the layout.
  public func blocks(of matrices: Tensor, blockSize: Int) throws -> Tensor {
    let length = blocks * blockSize
    guard matrices.rank == 4, Array(matrices.shape.dropFirst()) == [heads, length, length] else {
      throw PartError(
        .shape(
          tensor: "matrices", expected: "[B, \(heads), \(length), \(length)]",
          got: matrices.shape))
    }
    let places = try tensor.reshaped([-1]).booleans().enumerated().filter(\.element).map(\.offset)
    return try matrices.reshaped([-1, heads, blocks, blockSize, blocks, blockSize])
      .permuted([0, 1, 2, 4, 3, 5])
      .reshaped([matrices.size(0), heads * blocks * blocks, blockSize, blockSize])
      .picked(1, places)
  }
}
