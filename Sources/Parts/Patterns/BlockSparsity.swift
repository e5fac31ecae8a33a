public import Torch

/// A rule that decides which blocks of an attention are stored.
///
/// The rules are those of DeepSpeed, which the original zoo adopted. Their options are decoded from
/// JSON like those of a part.
public protocol BlockSparsity: PartConfig {
  /// The number of heads.
  var numHeads: Int { get }
  /// The tokens along the side of a block.
  var blockSize: Int { get }
  /// Whether each head has its own layout; otherwise all share that of the first.
  var differentLayoutPerHead: Bool { get }

  /// The stored blocks of a head, `count` along each side.
  ///
  /// - Throws: `PartError` for options that ask for more blocks than the layout has.
  func stored(head: Int, count: Int, generator: Generator) throws -> [[Bool]]
}

extension BlockSparsity {
  /// The layout for a number of tokens (`make_layout`).
  ///
  /// - `generator`: draws random blocks, if the rule has any.
  /// - Throws: `PartError` for options out of range, and for a length the block size does not divide.
  public func layout(length: Int, generator: Generator) throws -> BlockLayout {
    try validate()
    try require(
      length >= blockSize && length % blockSize == 0, "seq_len",
      "a multiple of block_size = \(blockSize)", got: length)
    let count = length / blockSize
    try require(
      count <= BlockLayout.largest, "seq_len",
      "at most \(BlockLayout.largest) blocks of block_size = \(blockSize)", got: length)
    let own = differentLayoutPerHead ? numHeads : 1
    var heads = try (0..<own).map { try stored(head: $0, count: count, generator: generator) }
    while heads.count < numHeads { heads.append(heads[0]) }
    return try BlockLayout(heads)
  }

  /// Checks the options that all rules share.
  func validateBlocks() throws(PartError) {
    try require(size: numHeads, "num_heads")
    try require(numHeads <= 1 << 16, "num_heads", "at most \(1 << 16)", got: numHeads)
    try require(size: blockSize, "block_size")
  }

  /// Throws unless a number of blocks fits into a row.
  func require(_ number: Int, _ key: String, fits count: Int) throws(PartError) {
    try require(
      number <= count, key, "at most the \(count) blocks of a row", got: number)
  }
}

extension BlockLayout {
  /// The most blocks along a side for which a rule makes a layout.
  static let largest = 1 << 14
}

/// The rule that stores all blocks (`DenseSparsityConfig`).
public struct DenseSparsity: BlockSparsity {
  /// The number of heads.
  public var numHeads: Int
  /// The tokens along the side of a block.
  public var blockSize = 16
  /// Whether each head has its own layout; all are the same.
  public var differentLayoutPerHead = false

  /// One head.
  public static let sample = Self(numHeads: 1)
  /// The number of heads has no default.
  public static let required = ["num_heads"]

  /// Makes the rule.
  public init(numHeads: Int, blockSize: Int = 16) {
    self.numHeads = numHeads
    self.blockSize = blockSize
  }

  /// Checks the sizes.
  public func validate() throws { try validateBlocks() }

  /// All blocks.
  public func stored(head: Int, count: Int, generator: Generator) throws -> [[Bool]] {
    var grid = BlockGrid(count)
    grid.store(0..<count, 0..<count)
    return grid.stored
  }
}
