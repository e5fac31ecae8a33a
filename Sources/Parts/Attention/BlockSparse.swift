public import Torch

/// The options of a block-sparse attention.
public struct BlockSparseAttentionConfig: PartConfig {
  /// The blocks to compute: zeros and ones `[n, n]` for all heads or `[H, n, n]`, or a rule such as
  /// `{"pattern": "bigbird", "num_random_blocks": 2, "seed": 1}`.
  ///
  /// The rules are `dense`, `fixed`, `variable`, `bigbird` and `bslongformer`, each with the options
  /// of its type, as ``FixedSparsity``. They need the length, as `seq_len` here or in the rule; those
  /// that draw take a `seed`, by default 0.
  public var layout: JSON
  /// The tokens along the side of a block; any number that divides the length.
  public var blockSize = 16
  /// The number of heads; when absent that of the layout, and 1 for a rule.
  public var numHeads: Int?
  /// The length that a rule is made for; beside zeros and ones, the length they cover.
  public var seqLen: Int?
  /// Whether a query sees only keys up to its own position.
  public var causal = false
  /// The share of attention weights dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Two blocks by two, the last on the diagonal and the first column.
  public static let sample = Self(layout: [[1, 0], [1, 1]])
  /// A layout has no default.
  public static let required = ["layout"]
  /// Blocks and rules that differ from head to head, an empty row, and several sizes.
  public static let domain: [String: OptionDomain] = [
    "layout": .values([
      [[1, 0], [1, 1]], [[1, 0, 1], [0, 0, 0], [0, 1, 1]], [[1]],
      [
        "pattern": "fixed", "seq_len": 12, "num_local_blocks": 2,
        "num_different_global_patterns": 2, "different_layout_per_head": true,
      ],
    ]),
    "block_size": .values([2, 1]), "seq_len": .fixed,
  ]

  /// A band of blocks and a global one, for any multiple of the block size.
  public static func sample(length: Int) -> Self? {
    Self(layout: ["pattern": "bslongformer"], seqLen: length)
  }

  /// Checks the sizes, and that the layout can be made.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: blockSize, "block_size")
    try require(size: numHeads ?? 1, "num_heads")
    try require(size: seqLen ?? 1, "seq_len")
    _ = try blocks()
  }
}

// @register(attention, "blocksparse", BlockSparseAttentionConfig)
/// Softmax attention over the blocks of a layout, which each head may have for itself.
///
/// [Child et al., 2019](https://arxiv.org/abs/1904.10509). Query i sees key j if the layout stores
/// block (⌊i/b⌋, ⌊j/b⌋) of its head; a query whose row of blocks is empty gives 0. Unlike the original,
/// it runs without an accelerator and with any block size, takes `causal` and any mask, and a layout
/// may be named by its rule.
///
/// - Shapes: query, key `[B, H, S, D]`, value `[B, H, S, V]`, S = n·b → `[B, H, S, V]`.
/// - Masks: Boolean and additive of every shape.
/// - Complexity: O(S²·D) time, O(S²) memory: the layout is a mask here.
public final class BlockSparseAttention: Module, Attention {
  /// The options.
  public let config: BlockSparseAttentionConfig
  /// What the part promises; kept, since a layout takes time to read.
  public let claims: Claims
  /// The stored blocks of each head; one head stands for all.
  private let blocks: [[[Bool]]]
  private let dropout: Dropout

  /// Makes the attention; it has no parameters.
  public init(_ config: BlockSparseAttentionConfig, generator: Generator) throws {
    self.config = config
    blocks = try config.blocks()
    claims = Self.claims(for: config)
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["attn_drop": dropout])
  }

  /// Softmax attention with a pattern, or without one if all blocks are stored.
  public static func claims(for config: BlockSparseAttentionConfig) -> Claims {
    // A configuration has been validated before it claims anything.
    let blocks = (try? config.blocks()) ?? []
    let isFull = blocks.allSatisfy { $0.allSatisfy { !$0.contains(false) } }
    var claims = Claims.softmax
    claims.causal = config.causal ? .always : .option
    claims.masks = [.boolean2D, .boolean3D, .additive]
    claims.queryEquivariant = isFull && !config.causal
    claims.keyValueInvariant = isFull && !config.causal
    claims.sequence = .exactly((blocks.first?.count ?? 0) * config.blockSize)
    claims.heads = .explicit
    claims.pattern = .blocks(size: config.blockSize, stored: blocks)
    claims.dropout = .weights(key: "dropout")
    let heads = blocks.map { head in
      JSON.array(head.map { row in .array(row.map { .integer($0 ? 1 : 0) }) })
    }
    claims.definition = Definition(
      "blocksparse",
      options: [
        "causal": .bool(config.causal), "block_size": .integer(config.blockSize),
        "layout": heads.count == 1 ? heads[0] : .array(heads),
      ])
    return claims
  }

  /// Query, key and value; their heads are counted where each has a layout of its own.
  public var signature: Signature {
    Signature(
      [
        .init("q", ["B", "H", "S", "D"]), .init("k", ["B", "H", "S", "D"]),
        .init("v", ["B", "H", "S", "V"]),
      ], output: ["B", "H", "S", "V"], fixed: blocks.count > 1 ? ["H": blocks.count] : [:])
  }

  /// Attends.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    guard blocks.count == 1 || blocks.count == lengths.front[1] else {
      throw error(
        .shape(
          tensor: "q", expected: "H = \(blocks.count) heads, as the layout has",
          got: query.shape))
    }
    var promised = claims
    if Fault.isActive(.blockCausalCoarse) { promised.causal = .option }
    var mask = try masks.resolved(lengths, dtype: query.dtype, claims: promised)
      .unfolded(lengths.front)
    try mask.restrict(pattern())
    return try softmaxAttention(
      query, key, value, mask: mask, dropout: config.dropout > 0 ? dropout : nil)
  }

  /// Which pairs meet, apart from causality, Bool `[1 or H, S, S]`.
  private func pattern() throws -> Tensor {
    let heads = Fault.pick(
      .headsShareLayout, wrong: Array(repeating: blocks[0], count: blocks.count), right: blocks)
    let rows = heads.map { head in
      head.enumerated().map { place, row in
        if Fault.isActive(.emptyBlockRowFilled), !row.contains(true) {
          return row.indices.map { $0 == place }
        }
        let isCoarse = config.causal && Fault.isActive(.blockCausalCoarse)
        return isCoarse ? row.indices.map { row[$0] && $0 <= place } : row
      }
    }
    let layout = try Tensor(
      rows.flatMap { $0.flatMap { $0 } }, shape: [heads.count, heads[0].count, heads[0].count])
    let turned = try Fault.pick(.layoutTransposed, wrong: layout.transposed(), right: layout)
    return try turned.repeatInterleaved(config.blockSize, 1)
      .repeatInterleaved(config.blockSize, 2)
  }
}

extension LogitMask {
  /// The same for heads as an axis, `[B·H, S, T]` → `[B, H, S, T]`.
  fileprivate func unfolded(_ front: [Int]) throws -> LogitMask {
    func apart(_ mask: Tensor?) throws -> Tensor? {
      guard let mask, mask.rank == 3, mask.size(0) > 1 else { return mask }
      return try mask.reshaped(front + mask.shape.suffix(2))
    }
    return LogitMask(allowed: try apart(allowed), bias: try apart(bias))
  }
}
