public import Torch

/// Windows of several lengths, chosen global blocks and random ones (`VariableSparsityConfig`).
///
/// Unlike in the original, random blocks also respect the direction.
public struct VariableSparsity: BlockSparsity {
  /// The number of heads.
  public var numHeads: Int
  /// The tokens along the side of a block.
  public var blockSize = 16
  /// Whether each head has its own layout.
  public var differentLayoutPerHead = false
  /// The random blocks of a row.
  public var numRandomBlocks = 0
  /// The blocks of each window; the last is repeated.
  public var localWindowBlocks = [4]
  /// The global blocks, or the first of each range of them.
  public var globalBlockIndices = [0]
  /// The ends of the ranges, exclusive; if nil, each index is a range of one block.
  public var globalBlockEndIndices: [Int]?
  /// The direction in which blocks look.
  public var attention = BlockDirection.bidirectional
  /// Whether the rows of global blocks also see everything.
  public var horizontalGlobalAttention = false

  /// One head.
  public static let sample = Self(numHeads: 1)
  /// The number of heads has no default.
  public static let required = ["num_heads"]

  /// Makes the rule with the original's defaults for the rest.
  public init(numHeads: Int, blockSize: Int = 16) {
    self.numHeads = numHeads
    self.blockSize = blockSize
  }

  /// Checks windows, ranges and direction.
  public func validate() throws {
    try validateBlocks()
    try require(
      numRandomBlocks >= 0, "num_random_blocks", "0 or more", got: numRandomBlocks)
    try require(
      !localWindowBlocks.isEmpty, "local_window_blocks", "at least one window",
      got: localWindowBlocks)
    for window in localWindowBlocks { try require(size: window, "local_window_blocks") }
    try GlobalBlocks(globalBlockIndices, globalBlockEndIndices).validate(self)
    try require(
      !horizontalGlobalAttention || attention == .bidirectional, "horizontal_global_attention",
      "false, since attention is unidirectional", got: horizontalGlobalAttention)
  }

  /// The windows, the global columns and rows, and the random blocks.
  public func stored(head: Int, count: Int, generator: Generator) throws -> [[Bool]] {
    try require(numRandomBlocks, "num_random_blocks", fits: count)
    var grid = BlockGrid(count)
    try grid.storeRandom(numRandomBlocks, attention, generator)
    var (start, windows) = (0, localWindowBlocks[...])
    while start < count {
      let size = windows.popFirst() ?? localWindowBlocks[localWindowBlocks.count - 1]
      grid.storeWindow(start..<min(start + size, count))
      start += min(size, count)
    }
    GlobalBlocks(globalBlockIndices, globalBlockEndIndices)
      .store(in: &grid, horizontal: horizontalGlobalAttention)
    grid.limit(to: attention)
    return grid.stored
  }
}

/// Ranges of global blocks.
struct GlobalBlocks {
  let starts: [Int]
  let ends: [Int]?

  init(_ starts: [Int], _ ends: [Int]?) {
    self.starts = starts
    self.ends = ends
  }

  func validate(_ config: some BlockSparsity) throws(PartError) {
    for start in starts {
      try config.require(
        start >= 0 && start < Int(Int32.max), "global_block_indices", "indices from 0", got: start)
    }
    guard let ends else { return }
    try config.require(
      ends.count == starts.count, "global_block_end_indices",
      "as many ends as global_block_indices, \(starts.count)", got: ends.count)
    for (start, end) in zip(starts, ends) {
      try config.require(
        start < end, "global_block_end_indices", "an end after its start \(start)", got: end)
    }
  }

  /// Stores the columns and, if `horizontal`, the rows, as far as the layout reaches.
  func store(in grid: inout BlockGrid, horizontal: Bool) {
    for (place, start) in starts.enumerated() {
      let range = start..<(ends?[place] ?? start + 1)
      grid.store(0..<grid.count, range)
      if horizontal { grid.store(range, 0..<grid.count) }
    }
  }
}
