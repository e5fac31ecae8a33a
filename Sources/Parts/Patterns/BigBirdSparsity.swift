public import Torch

/// Random blocks, a band and the first blocks as global ones (`BigBirdSparsityConfig`).
///
/// [Zaheer et al., 2020](https://arxiv.org/abs/2007.14062). Unlike the original, a row stores its whole
/// past if that has fewer blocks than the number of random ones.
public struct BigBirdSparsity: BlockSparsity {
  /// The number of heads.
  public var numHeads: Int
  /// The tokens along the side of a block.
  public var blockSize = 16
  /// Whether each head has its own layout.
  public var differentLayoutPerHead = false
  /// The random blocks of a row.
  public var numRandomBlocks = 1
  /// The width of the band, in blocks; half of it, rounded down, to each side.
  public var numSlidingWindowBlocks = 3
  /// How many of the first blocks see all blocks and are seen by all.
  public var numGlobalBlocks = 1
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

  /// Checks the counts.
  public func validate() throws {
    try validateBlocks()
    try require(numRandomBlocks >= 0, "num_random_blocks", "0 or more", got: numRandomBlocks)
    try require(size: numSlidingWindowBlocks, "num_sliding_window_blocks")
    try require(numGlobalBlocks >= 0, "num_global_blocks", "0 or more", got: numGlobalBlocks)
  }

  /// The random blocks, the band, and the global rows and columns.
  public func stored(head: Int, count: Int, generator: Generator) throws -> [[Bool]] {
    try require(numRandomBlocks, "num_random_blocks", fits: count)
    try require(numSlidingWindowBlocks, "num_sliding_window_blocks", fits: count)
    try require(numGlobalBlocks, "num_global_blocks", fits: count)
    var grid = BlockGrid(count)
    try grid.storeRandom(numRandomBlocks, attention, generator)
    grid.storeBand(numSlidingWindowBlocks / 2)
    grid.store(0..<count, 0..<numGlobalBlocks)
    grid.store(0..<numGlobalBlocks, 0..<count)
    grid.limit(to: attention)
    return grid.stored
  }
}
