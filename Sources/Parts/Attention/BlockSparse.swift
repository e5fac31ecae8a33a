public import JSON
public import Torch

/// The options of a block-sparse attention.
public struct BlockSparseAttentionConfig: PartConfig {
  /// The blocks to compute: zeros and ones, `[n, n]` for all heads or `[H, n, n]`, or a rule such as
  /// `{"pattern": "bigbird", "num_random_blocks": 2, "seed": 1}`.
  ///
  /// The rules are `dense`, `fixed`, `variable`, `bigbird` and `bslongformer`, each with the options
  /// of its type, such as ``FixedSparsity``. They need the length, as `seq_len` here or in the rule;
  /// those that draw blocks take a `seed`, by default 0.
  public var layout: JSON
  /// The side of a block, in tokens; any number that divides the length.
  public var blockSize = 16
  /// The number of heads; by default that of the layout, and 1 for a rule.
  public var numHeads: Int?
  /// The length for which a rule makes the layout, or which zeros and ones must cover.
  public var seqLen: Int?
  /// Whether a query sees only keys up to its own position.
  public var causal = false
  /// The share of attention weights dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Two by two blocks, without the one above the diagonal.
  public static let sample = Self(layout: [[1, 0], [1, 1]])
  /// A layout has no default.
  public static let required = ["layout"]
  /// Blocks and a rule that differs from head to head, an empty row, and several sizes.
  public static let domain: [String: OptionDomain] = [
    "layout": .values([
      [[1, 0], [1, 1]], [[1, 0, 1], [0, 0, 0], [0, 1, 1]], [[1]], [[[1, 1], [0, 1]]],
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
/// Softmax attention over the blocks of a layout, which may differ from head to head.
///
/// [Child et al., 2019](https://arxiv.org/abs/1904.10509). Query i sees key j if the layout stores
/// block (⌊i/b⌋, ⌊j/b⌋) of its head; a query whose row of blocks is empty gives 0. Unlike the original,
/// it runs without an accelerator and with any block size, takes `causal` and any mask, and a layout
/// may be named by its rule.
///
/// - Shapes: query, key `[B, H, S, D]`, value `[B, H, S, V]`, S = n·b → `[B, H, S, V]`.
/// - Masks: all kinds.
/// - Complexity: O(n·b²·D) time and O(n·b²) memory for n stored blocks of b by b tokens; all pairs for a
///   call with a mask.
public final class BlockSparseAttention: Module, Attention, PathChoosing {
  /// The options.
  public let config: BlockSparseAttentionConfig
  /// The implementation to use.
  public var path = AttentionPath.automatic
  /// The claims, stored because reading a layout takes time.
  public let claims: Claims
  /// The stored blocks of each head, or of one head for all.
  private let blocks: [[[Bool]]]
  /// The same, Bool `[1 or H, n, n]`.
  private let stored: Tensor
  private let rows: BlockRows
  private let dropout: Dropout

  /// Makes the attention; it has no parameters.
  public init(_ config: BlockSparseAttentionConfig, generator: Generator) throws {
    self.config = config
    blocks = try config.blocks()
    stored = try Tensor(
      blocks.flatMap { $0.flatMap { $0 } }, shape: [blocks.count, blocks[0].count, blocks[0].count])
    rows = try Self.rows(blocks, config)
    claims = Self.claims(for: config)
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["attn_drop": dropout])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try check(query, key, value)
    let masks = try masks.effective(lengths, dtype: query.dtype, claims: claims)
    if masks.isEmpty, isStructured { return try blockwise(query, key, value) }
    var mask = try masks.resolved(lengths, dtype: query.dtype, claims: claims)
      .unfolded(lengths.front)
    try mask.restrict(pattern())
    return try softmaxAttention(query, key, value, mask: mask, dropout: dropout)
  }

  /// Computes the stored blocks only; heads that share a layout become items of the batch.
  private func blockwise(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    func flat(_ tokens: Tensor) throws -> Tensor {
      let isShared = blocks.count == 1
      return try tokens.reshaped([
        isShared ? tokens.size(0) * tokens.size(1) : tokens.size(0), -1, tokens.size(3),
      ])
    }
    return try rows.attention(flat(query), flat(key), flat(value), dropout)
      .reshaped(Array(query.shape.dropLast()) + [value.size(3)])
  }

  /// The pairs of the stored blocks, Bool `[1 or H, S, S]`; causality is applied elsewhere.
  private func pattern() throws -> Tensor {
    let (heads, count, size) = (stored.size(0), stored.size(1), config.blockSize)
    return try stored.reshaped([heads, count, 1, count, 1])
      .expanded([-1, -1, size, -1, size]).reshaped([heads, count * size, count * size])
  }

  /// For each row of blocks, of all heads, the blocks it sees.
  private static func rows(_ heads: [[[Bool]]], _ config: BlockSparseAttentionConfig) throws
    -> BlockRows
  {
    let length = heads[0].count
    let seen = heads.enumerated().flatMap { head, rows in
      rows.enumerated().map { place, row in
        row.indices.filter { row[$0] && (!config.causal || $0 <= place) }
          .map { head * length + $0 }
      }
    }
    return try BlockRows(seen, size: config.blockSize, causalLength: config.causal ? length : nil)
  }

  /// The length from which skipping blocks pays.
  private static let structuredLength = 256

  /// Whether there are many blocks, of which so few are stored that skipping the others pays.
  private var isStructured: Bool {
    let pairs = blocks.count * blocks[0].count * blocks[0].count
    return switch path {
    case .automatic:
      blocks[0].count * config.blockSize >= Self.structuredLength && 2 * rows.count <= pairs
    case .dense: false
    case .structured: true
    }
  }
}

extension LogitMask {
  /// The mask with heads as an axis, `[B·H, S, T]` → `[B, H, S, T]`.
  fileprivate func unfolded(_ front: [Int]) throws -> LogitMask {
    func apart(_ mask: Tensor?) throws -> Tensor? {
      guard let mask, mask.rank == 3, mask.size(0) > 1 else { return mask }
      return try mask.reshaped(front + mask.shape.suffix(2))
    }
    return LogitMask(allowed: try apart(allowed), bias: try apart(bias))
  }
}

// MARK: Contract

extension BlockSparseAttention {
  /// The claims of softmax attention, with a pattern.
  public static func claims(for config: BlockSparseAttentionConfig) -> Claims {
    // The configuration has been validated, so this does not throw.
    let blocks = (try? config.blocks()) ?? []
    var claims = Claims.softmax
    claims.causal = config.causal ? .always : .option
    claims.masks = Set(MaskKind.allCases)
    claims.sequence = .exactly((blocks.first?.count ?? 0) * config.blockSize)
    claims.heads = .explicit
    claims.pattern = .blocks(size: config.blockSize, stored: blocks)
    claims.thresholds = [structuredLength]
    claims.dropout = .weights(key: "dropout")
    claims.memoryExponent = config.growsLinearly ? 1 : 2
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

  /// Query, key and value; the number of heads is fixed if each has its own layout.
  public var signature: Signature {
    Signature(
      [
        .init("q", ["B", "H", "S", "D"]), .init("k", ["B", "H", "S", "D"]),
        .init("v", ["B", "H", "S", "V"]),
      ], output: ["B", "H", "S", "V"], fixed: blocks.count > 1 ? ["H": blocks.count] : [:])
  }

  /// Computes the attention with logits multiplied by a further `scale`, as the original allows.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks = .none, scale: Double
  ) throws -> Tensor {
    guard scale.isFinite else {
      throw error(
        .content(tensor: "scale", expected: "a finite number", got: "\(scale)"))
    }
    return try self(query * scale, key, value, masks: masks)
  }

  private func check(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> AttentionLengths {
    let lengths = try checkInputs(query, key, value)
    guard blocks.count == 1 || blocks.count == lengths.front[1] else {
      throw error(
        .shape(
          tensor: "q", expected: "H = \(blocks.count) heads, as the layout has",
          got: query.shape))
    }
    return lengths
  }
}
