public import Torch

extension BlockLayout {
  /// Windows with a global block at the end of each (`quick_fixed_layout`).
  ///
  /// - Throws: `PartError` for a length the block size does not divide.
  public static func fixed(heads: Int, blockSize: Int, length: Int) throws -> BlockLayout {
    try made(by: FixedSparsity(numHeads: heads, blockSize: blockSize), length)
  }

  /// Windows with the first block as a global one (`quick_variable_layout`).
  ///
  /// - Throws: `PartError` for a length the block size does not divide.
  public static func variable(heads: Int, blockSize: Int, length: Int) throws -> BlockLayout {
    try made(by: VariableSparsity(numHeads: heads, blockSize: blockSize), length)
  }

  /// A band, the first block as a global one, and a random block in each row
  /// (`quick_bigbird_layout`).
  ///
  /// - Throws: `PartError` for a length the block size does not divide, or fewer than three blocks.
  public static func bigBird(heads: Int, blockSize: Int, length: Int, generator: Generator) throws
    -> BlockLayout
  {
    try BigBirdSparsity(numHeads: heads, blockSize: blockSize)
      .layout(length: length, generator: generator)
  }

  /// A band with the first block as a global one (`quick_bslongformer_layout`).
  ///
  /// - Throws: `PartError` for a length the block size does not divide, or fewer than three blocks.
  public static func longformer(heads: Int, blockSize: Int, length: Int) throws -> BlockLayout {
    try made(by: LongformerSparsity(numHeads: heads, blockSize: blockSize), length)
  }

  private static func made(by rule: some BlockSparsity, _ length: Int) throws -> BlockLayout {
    // These rules draw nothing.
    try rule.layout(length: length, generator: Generator(seed: 0))
  }
}
