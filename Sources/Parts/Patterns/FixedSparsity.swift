public import Torch

/// Windows of blocks and a summary at the end of each (`FixedSparsityConfig`).
///
/// [Child et al., 2019](https://arxiv.org/abs/1904.10509), "fixed". All blocks of a window are stored,
/// and the columns of its last `num_global_blocks` blocks. If unidirectional, only
/// blocks on and below the diagonal are stored. The last window may be short; its global blocks are
/// then moved left as far as necessary.
public struct FixedSparsity: BlockSparsity {
  /// The number of heads.
  public var numHeads: Int
  /// The tokens along the side of a block.
  public var blockSize = 16
  /// Whether each head has its own layout.
  public var differentLayoutPerHead = false
  /// The blocks of a window.
  public var numLocalBlocks = 4
  /// The number of global blocks of a window, which all rows see; a divisor of the window.
  public var numGlobalBlocks = 1
  /// The direction in which blocks look.
  public var attention = BlockDirection.bidirectional
  /// Whether the rows of global blocks also see everything.
  public var horizontalGlobalAttention = false
  /// The number of patterns of global blocks, which move left from head to head and then repeat.
  public var numDifferentGlobalPatterns = 1

  /// One head.
  public static let sample = Self(numHeads: 1)
  /// The number of heads has no default.
  public static let required = ["num_heads"]

  /// Makes the rule with the original's defaults for the rest.
  public init(numHeads: Int, blockSize: Int = 16) {
    self.numHeads = numHeads
    self.blockSize = blockSize
  }

  /// Checks that windows, global blocks and patterns fit each other.
  public func validate() throws {
    try validateBlocks()
    try require(size: numLocalBlocks, "num_local_blocks")
    try require(size: numGlobalBlocks, "num_global_blocks")
    try require(
      numLocalBlocks % numGlobalBlocks == 0, "num_global_blocks",
      "a divisor of num_local_blocks = \(numLocalBlocks)", got: numGlobalBlocks)
    try require(
      !horizontalGlobalAttention || attention == .bidirectional, "horizontal_global_attention",
      "false, since attention is unidirectional", got: horizontalGlobalAttention)
    let most = numLocalBlocks / numGlobalBlocks
    try require(
      (1...most).contains(numDifferentGlobalPatterns), "num_different_global_patterns",
      "from 1 to num_local_blocks / num_global_blocks = \(most)", got: numDifferentGlobalPatterns)
    try require(
      numDifferentGlobalPatterns == 1 || differentLayoutPerHead, "num_different_global_patterns",
      "1, since different_layout_per_head is false", got: numDifferentGlobalPatterns)
  }

  /// The windows, and the global columns and rows of a head's pattern.
  public func stored(head: Int, count: Int, generator: Generator) throws -> [[Bool]] {
    try require(numGlobalBlocks, "num_global_blocks", fits: count)
    var grid = BlockGrid(count)
    let offset = numLocalBlocks - (1 + head % numDifferentGlobalPatterns) * numGlobalBlocks
    for start in stride(from: 0, to: count, by: numLocalBlocks) {
      grid.storeWindow(start..<min(start + numLocalBlocks, count))
      let isShort = start + numLocalBlocks > count
      let first = isShort ? min(start + offset, count - numGlobalBlocks) : start + offset
      grid.store(0..<count, first..<first + numGlobalBlocks)
      if horizontalGlobalAttention { grid.store(first..<first + numGlobalBlocks, 0..<count) }
    }
    grid.limit(to: attention)
    return grid.stored
  }
}
