public import Torch

/// A band and chosen global blocks (`BSLongformerSparsityConfig`).
///
/// [Beltagy et al., 2020](https://arxiv.org/abs/2004.05150), block by block.
public struct LongformerSparsity: BlockSparsity {
  /// The number of heads.
  public var numHeads: Int
  /// The tokens along the side of a block.
  public var blockSize = 16
  /// Whether each head has its own layout; all are the same.
  public var differentLayoutPerHead = false
  /// The width of the band, in blocks; half of it, rounded down, to each side.
  public var numSlidingWindowBlocks = 3
  /// The global blocks, or the first of each range of them.
  public var globalBlockIndices = [0]
  /// The ends of the ranges, exclusive; if nil, each index is a range of one block.
  public var globalBlockEndIndices: [Int]?
  /// The direction in which blocks look.
  public var attention = BlockDirection.bidirectional

  /// One head.
  public static let sample = Self(numHeads: 1)
  /// The number of heads has no default.
  public static let required = ["num_heads"]

  /// Makes the rule with the original's defaults for the rest.
  public init(numHeads: Int, blockSize: Int = 16) {
    self.numHeads = numHeads
    self.blockSize = blockSize
  }

  /// Checks the band and the ranges.
  public func validate() throws {
    try validateBlocks()
    try require(size: numSlidingWindowBlocks, "num_sliding_window_blocks")
    try GlobalBlocks(globalBlockIndices, globalBlockEndIndices).validate(self)
  }

  /// The band, and the global rows and columns.
  public func stored(head: Int, count: Int, generator: Generator) throws -> [[Bool]] {
    try require(numSlidingWindowBlocks, "num_sliding_window_blocks", fits: count)
    var grid = BlockGrid(count)
    grid.storeBand(numSlidingWindowBlocks / 2)
    GlobalBlocks(globalBlockIndices, globalBlockEndIndices).store(in: &grid, horizontal: true)
    grid.limit(to: attention)
    return grid.stored
  }
}
