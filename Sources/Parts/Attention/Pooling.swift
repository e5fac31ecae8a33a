internal import JSON
public import Torch

/// The options of a pooling.
public struct PoolingAttentionConfig: PartConfig {
  /// The width of the window, in cells; odd.
  public var poolSize = 3
  /// Must be 1: another stride would change the number of tokens.
  public var stride = 1
  /// The padding around the grid, in cells; must be half the window, which keeps the number of tokens.
  public var padding: Int?
  /// The share of outputs dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// A window of nine cells.
  public static let sample = Self()
  /// Windows smaller and larger than most grids, and the padding of the default window.
  public static let domain: [String: OptionDomain] = [
    "pool_size": .values([3, 1, 5, 9]), "stride": .values([1]), "padding": .values([nil, 1]),
  ]
  /// It is only checked against the window.
  public static let inert: Set = ["padding"]

  /// Checks that the window keeps the number of tokens, and the share.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: poolSize, "pool_size")
    try require(poolSize % 2 == 1, "pool_size", "an odd number", got: poolSize)
    try require(
      stride == 1, "stride", "1, since another changes the number of tokens", got: stride)
    let half = poolSize / 2
    try require(
      padding ?? half == half, "padding",
      "\(half) or null, which keeps the number of tokens with pool_size = \(poolSize)",
      got: padding ?? half)
  }
}

// @register(attention, "pooling", PoolingAttentionConfig)
/// Replaces attention by the mean of the neighbours on a grid, less the token itself.
///
/// [Yu et al., 2021](https://arxiv.org/abs/2111.11418), MetaFormer: the subtraction cancels the
/// shortcut around it. Tokens are the cells of a square grid, row by row; cells beyond the border do
/// not count. Unlike the original zoo, `padding` and `stride` are checked and `dropout` acts, on the
/// output. Keys and values are ignored.
///
/// - Shapes: query, key, value `[B, L, E]`, L a square → `[B, L, E]`.
/// - Masks: none. Not causal: the window reaches forward.
/// - Complexity: O(L·E·p²) time for windows of p × p cells, O(L·E) memory.
public final class PoolingAttention: Module, Attention {
  /// The options.
  public let config: PoolingAttentionConfig
  private let dropout: Dropout

  /// Makes the pooling; it has no parameters.
  public init(_ config: PoolingAttentionConfig, generator: Generator) throws {
    self.config = config
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["dropout": dropout])
  }

  /// Pools the query.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    try masks.check(lengths, dtype: query.dtype, claims: claims)
    let grid = try query.tokenGrid()
    // A window that covers the whole grid from every cell gives the same as any wider one.
    let width = min(config.poolSize, 2 * grid.size(2) - 1)
    return try dropout(grid.averagePooled(width).gridTokens() - query)
  }
}

// MARK: Contract

extension PoolingAttention {
  /// The output does not depend on keys and values.
  public static func claims(for config: PoolingAttentionConfig) -> Claims {
    var claims = Claims.queryAlone
    claims.sequence = .squared
    claims.dropout = .output(key: "dropout")
    claims.definition = Definition("pooling", options: ["pool_size": .integer(config.poolSize)])
    return claims
  }
}
