internal import JSON
public import Torch

/// The options of a Linformer attention.
public struct LinformerSelfAttentionConfig: PartConfig {
  /// The longest sequence the part accepts, in tokens.
  public var seqLen: Int
  /// The projected length, in tokens; by default a quarter of the longest, rounded down.
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
/// one of the paper's options. A shorter input uses the first columns of the projections, as if it
/// were padded with zeros. Unlike the original zoo, dropout acts once, on the weights, and key padding
/// is honoured.
///
/// - Shapes: query, key `[N, S, D]`, value `[N, S, V]`, S ≤ ``LinformerSelfAttentionConfig/seqLen``
///   → `[N, S, V]`.
/// - Masks: key padding, exactly: padded rows are zeroed before they are projected. Not causal: the
///   projections mix positions.
/// - Complexity: O(S·k·D) time, O(S·k) memory; from 32,768 pairs of query and slot on, libtorch's
///   fused kernel is used, which cannot be differentiated twice.
public final class LinformerAttention: Module, Attention, PathChoosing {
  /// The options.
  public let config: LinformerSelfAttentionConfig
  /// The implementation to use.
  public var path = AttentionPath.automatic
  /// Maps key positions to slots, `[k, L]`.
  public let keyProjection: Linear
  /// Maps value positions to slots, `[k, L]`.
  public let valueProjection: Linear
  private let dropout: Dropout

  /// Draws both projections uniformly from ±1/√L.
  public init(_ config: LinformerSelfAttentionConfig, generator: Generator) throws {
    self.config = config
    let (length, slots) = (config.seqLen, config.projectedLength)
    keyProjection = try Linear(length, slots, bias: false, generator: generator)
    valueProjection = try Linear(length, slots, bias: false, generator: generator)
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["E": keyProjection, "F": valueProjection, "attn_drop": dropout])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    try masks.check(lengths, dtype: query.dtype, claims: claims)
    let real = try masks.realRows(lengths, claims: claims)
    let slots = try project(key, keyProjection, real)
    let values = try project(value, valueProjection, real)
    if path.fuses(query, slots, values, drops: isTraining && config.dropout > 0) {
      return try fusedAttention(query, slots, values)
    }
    return try softmaxAttention(query, slots, values, dropout: dropout)
  }

  /// Projects tokens `[N, S, …]` to slots `[N, k, …]`; padded tokens count as 0.
  private func project(_ tokens: Tensor, _ projection: Linear, _ real: Tensor?) throws -> Tensor {
    let clean = try tokens.zeroingPadding(real)
    let weight = try projection.weight.value.slice(1, 0..<tokens.size(1))
    return try weight.expanded([clean.size(0), -1, -1]).matmul(clean)
  }
}

// MARK: Contract

extension LinformerAttention {
  /// Linear in the values and equivariant in the queries, and nothing more.
  public static func claims(for config: LinformerSelfAttentionConfig) -> Claims {
    var claims = Claims()
    claims.masks = [.keyPadding]
    claims.queryEquivariant = true
    claims.pattern = .full
    claims.linearInValue = true
    claims.accuracy = .approximates(oracle: "scaled_dot_product", knob: "k", law: "LIN1")
    claims.sequence = .atMost(config.seqLen)
    claims.valueWidth = .free
    claims.nanIsolation = [.masked, .batchRow]
    for key in ["E", "F"] {
      claims.parameters.addLinear(key, config.seqLen, config.projectedLength, bias: false)
    }
    claims.dropout = .weights(key: "dropout")
    claims.memoryExponent = 1
    claims.definition = Definition(
      "linformer",
      options: ["seq_len": .integer(config.seqLen), "k": .integer(config.projectedLength)],
      parameters: ["E": "E.weight", "F": "F.weight"])
    return claims
  }
}
