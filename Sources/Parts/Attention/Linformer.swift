internal import JSON
public import Torch

/// The options of a Linformer attention.
public struct LinformerSelfAttentionConfig: PartConfig {
  /// The longest sequence the part accepts, in tokens.
  public var seqLen: Int
  /// The projected length, in tokens; a quarter of the longest, rounded down, when absent.
  public var k: Int?
  /// The share of attention weights dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Sixteen tokens, projected to four.
  public static let sample = Self(seqLen: 16)
  /// The longest sequence has no default.
  public static let required = ["seq_len"]
  /// Projections shorter and longer than the input.
  public static let domain: [String: OptionDomain] = [
    "seq_len": .atLeast(.queryLength), "k": .around(.queryLength),
  ]

  /// The projected length.
  public var projectedLength: Int { k ?? seqLen / 4 }

  /// Checks the lengths and the share.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: seqLen, "seq_len")
    try require(
      projectedLength >= 1, "k", "at least 1 (the default is seq_len / 4, rounded down)",
      got: projectedLength)
    try require(size: projectedLength, "k")
  }
}

// @register(attention, "linformer", LinformerSelfAttentionConfig)
/// An attention that projects keys and values to a fixed length.
///
/// [Wang et al., 2020](https://arxiv.org/abs/2006.04768), with one pair of projections for all heads,
/// one of the paper's options. A shorter input uses the first columns of the projections, which is
/// what padding with zeros gives. Unlike the original zoo, dropout acts once, on the weights, and
/// key padding is honoured.
///
/// - Shapes: query, key `[N, S, D]`, value `[N, S, V]`, S ≤ ``LinformerSelfAttentionConfig/seqLen``
///   → `[N, S, V]`.
/// - Masks: key padding, exactly: padded rows are 0 before they are projected. Not causal: the
///   projections mix positions.
/// - Complexity: O(S·k·D) time, O(S·k) memory; by libtorch's fused kernel from 32,768 pairs of query
///   and slot on, which cannot be differentiated twice.
public final class LinformerAttention: Module, Attention, PathChoosing {
  /// The options.
  public let config: LinformerSelfAttentionConfig
  /// Which implementation runs.
  public var path = AttentionPath.automatic
  /// The map of key positions to slots, `[k, L]`.
  public let keyProjection: Linear
  /// The map of value positions to slots, `[k, L]`.
  public let valueProjection: Linear
  private let dropout: Dropout

  /// Draws both projections evenly from ±1/√L.
  public init(_ config: LinformerSelfAttentionConfig, generator: Generator) throws {
    self.config = config
    let (length, slots) = (config.seqLen, config.projectedLength)
    keyProjection = try Linear(length, slots, bias: false, generator: generator)
    valueProjection = try Linear(length, slots, bias: false, generator: generator)
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["E": keyProjection, "F": valueProjection, "attn_drop": dropout])
  }

  /// Linear in the values and blind to the order of queries, and nothing more.
  public static func claims(for config: LinformerSelfAttentionConfig) -> Claims {
    var claims = Claims()
    claims.masks = [.keyPadding]
    claims.queryEquivariant = true
    claims.linearInValue = true
    claims.accuracy = .approximates(oracle: "scaled_dot_product", knob: "k", law: "LIN1")
    claims.sequence = .atMost(config.seqLen)
    claims.valueWidth = .free
    claims.nanIsolation = [.masked, .batchRow]
    claims.dropout = .weights(key: "dropout")
    claims.memoryExponent = 1
    claims.definition = Definition(
      "linformer",
      options: ["seq_len": .integer(config.seqLen), "k": .integer(config.projectedLength)],
      parameters: ["E": "E.weight", "F": "F.weight"])
    return claims
  }

  /// Attends.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    try checkFloating(query, "q")
    _ = try Masks(attention: masks.attention).resolved(
      lengths, dtype: query.dtype, claims: claims)
    let padding = try masks.realTokens(lengths, claims: claims)
    let slots = try project(key, keyProjection, padding, lengths)
    let values = try project(value, valueProjection, padding, lengths)
    if path.fuses(query, slots, values, drops: isTraining && config.dropout > 0) {
      return try fusedAttention(query, slots, values)
    }
    return try softmaxAttention(query, slots, values, dropout: config.dropout > 0 ? dropout : nil)
  }

  /// Slots `[N, k, …]` of tokens `[N, S, …]`, padded ones counting as 0.
  private func project(
    _ tokens: Tensor, _ projection: Linear, _ padding: Tensor?, _ lengths: AttentionLengths
  ) throws -> Tensor {
    var real = tokens
    if let padding {
      let rows = try padding.repeatInterleaved(lengths.folded / padding.size(0), 0)
      real = try tokens.filled(0, where: .!rows.unsqueezed(-1))
    }
    let weight = try projection.weight.value.slice(1, 0..<lengths.keys)
    return try weight.expanded([real.size(0), -1, -1]).matmul(real)
  }
}
