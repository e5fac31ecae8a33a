internal import JSON
public import Torch

/// The options of a lambda layer.
public struct LambdaLayerConfig: PartConfig {
  /// The longest sequence the part accepts, in tokens.
  public var seqLen: Int
  /// The width of queries and keys of a head, in channels.
  public var dimHead: Int
  /// The share of outputs dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Sixteen tokens of four channels.
  public static let sample = Self(seqLen: 16, dimHead: 4)
  /// The size of the table has no default.
  public static let required = ["seq_len", "dim_head"]
  /// Tables as long as the input, and longer.
  public static let domain: [String: OptionDomain] = ["seq_len": .atLeast(.queryLength)]

  /// Checks the sizes and the share.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: seqLen, "seq_len")
    try require(size: dimHead, "dim_head")
  }
}

// @register(attention, "lambda", LambdaLayerConfig)
/// An attention whose logits are linear: keys normalised over positions, and learnt relative positions.
///
/// [Bello, 2021](https://arxiv.org/abs/2102.08602): yₙ = λₙᵀ qₙ with λₙ = Σₘ (k̄ₘ + Eₙₘ) vₘᵀ, where k̄ is
/// the softmax of the keys over positions, channel by channel, and Eₙₘ the row m − n + L − 1 of a
/// table of 2·L − 1 relative positions. There is no 1/√D. Unlike the paper, each head has its
/// own keys and values, the heads share the table, and there is no batch normalisation. Unlike the
/// original zoo, keys are normalised over positions, not channels, and the position term mixes values.
///
/// - Shapes: query, key `[N, S, D]`, value `[N, S, V]`, S ≤ ``LambdaLayerConfig/seqLen``,
///   D = ``LambdaLayerConfig/dimHead`` → `[N, S, V]`.
/// - Masks: none. Not causal: keys are normalised over all positions.
/// - Complexity: O(S²·(D + V)) time, O(S²) memory: the position term needs one number for each pair.
public final class LambdaAttention: Module, Attention {
  /// The options.
  public let config: LambdaLayerConfig
  /// The relative positions, `[2·L − 1, D]`; that of a token to itself is in the middle.
  public let positions: Parameter
  private let dropout: Dropout

  /// Draws the relative positions from N(0, 1).
  public init(_ config: LambdaLayerConfig, generator: Generator) throws {
    self.config = config
    positions = try Parameter(
      Tensor.normal([2 * config.seqLen - 1, config.dimHead], generator: generator))
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["rel_pos_emb": positions, "attn_drop": dropout])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try check(query, key, value, masks)
    let keys = try key.softmax(-2)
    let logits = try positionLogits(query, lengths.queries)
    // In half precision either term may overflow where their sum does not, so the sum comes first,
    // at the cost of a product of all pairs.
    if query.dtype == .float16 {
      let weights = try Tensor.products(query, keys.transposed(), times: 1, plus: logits)
      return try dropout(weights.matmul(value))
    }
    let content = try query.matmul(keys.transposed().matmul(value))
    return try dropout(Tensor.products(logits, value, times: 1, plus: content))
  }

  /// qₙ·Eₙₘ for each query and key, `[N, S, S]`.
  private func positionLogits(_ query: Tensor, _ length: Int) throws -> Tensor {
    let start = config.seqLen - length
    let table = try positions.value.slice(0, start..<start + 2 * length - 1)
    // [N, S, 2·S]: the products of each query with all relative positions, and a column of zeros.
    let products = try query.matmul(table.padded([0, 0, 0, 1]).transposed())
    // Row n needs its columns from S − 1 − n on. Read as rows that are one number shorter, each row
    // starts one column earlier than the one before, so that a fixed range of columns holds these.
    let items = query.size(0)
    return try products.reshaped([items, 2 * length * length])
      .slice(1, length - 1..<length - 1 + length * (2 * length - 1))
      .reshaped([items, length, 2 * length - 1]).slice(2, 0..<length)
  }
}

// MARK: Contract

extension LambdaAttention {
  /// Linear in the values; nothing else holds for every table.
  public static func claims(for config: LambdaLayerConfig) -> Claims {
    var claims = Claims()
    claims.linearInValue = true
    claims.sequence = .atMost(config.seqLen)
    claims.valueWidth = .free
    claims.nanIsolation = [.batchRow]
    claims.dropout = .output(key: "dropout")
    claims.parameters["rel_pos_emb"] = ParameterClaim(
      [2 * config.seqLen - 1, config.dimHead], .normal(deviation: 1))
    claims.definition = Definition(
      "lambda",
      options: ["seq_len": .integer(config.seqLen), "dim_head": .integer(config.dimHead)],
      parameters: ["rel_pos_emb": "rel_pos_emb"])
    return claims
  }

  /// Query, key and value, of the width of the table.
  public var signature: Signature {
    Signature(
      [
        .init("q", ["N", "S", "D"]), .init("k", ["N", "S", "D"]), .init("v", ["N", "S", "V"]),
      ], output: ["N", "S", "V"], fixed: ["D": config.dimHead])
  }

  /// The original computes something else.
  public func reference(for inputs: [String: Tensor]) -> ReferenceClaim {
    .deviates(
      reason: "keys are normalised over positions, and the position term mixes positions")
  }

  private func check(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ masks: Masks) throws
    -> AttentionLengths
  {
    let lengths = try checkInputs(query, key, value)
    guard lengths.width == config.dimHead else {
      throw error(
        .shape(
          tensor: "q", expected: "[N, S, D] with D = dim_head = \(config.dimHead)",
          got: query.shape))
    }
    try masks.check(lengths, dtype: query.dtype, claims: claims)
    return lengths
  }
}
