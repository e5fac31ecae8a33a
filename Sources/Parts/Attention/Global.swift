public import Torch

/// The options of a global attention.
public struct GlobalAttentionConfig: PartConfig {
  /// Which tokens are global, as `[true, false, …]` or, as the original has it, `[[true], [false], …]`.
  public var attentionQueryMask: TokenMask?
  /// The global tokens, with `seq_len` in place of a mask.
  public var globalIndices: [Int]?
  /// The length of the mask that `global_indices` stand for; beside a mask, at most its length.
  public var seqLen: Int?
  /// Whether a query sees only keys up to its own position.
  public var causal = false
  /// Accepted for the original's configurations; density never changes a result.
  public var forceSparsity = false
  /// The share of attention weights dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Two global tokens of seven.
  public static let sample = Self(attentionQueryMask: .flat([1, 4].mask(7)))
  /// A mask has no default.
  public static let required = ["attention_query_mask"]
  /// Global tokens and the length say as much.
  public static let substitutes = ["attention_query_mask": ["global_indices", "seq_len"]]
  /// Some, no and all tokens, in both forms, and lengths around those of trials.
  public static let domain: [String: OptionDomain] = [
    "attention_query_mask": .values([
      .mask([1, 4], 7), .mask([], 4), .mask([0, 1, 2], 3),
      .array((0..<13).map { [.bool([2, 5, 8].contains($0))] }),
    ]),
    "global_indices": .fixed, "seq_len": .fixed,
  ]

  /// Two global tokens of any number.
  public static func sample(length: Int) -> Self? {
    Self(globalIndices: Array(Set([0, length / 2])).sorted(), seqLen: length)
  }

  /// The global tokens, in order.
  var tokens: [Int] {
    if let attentionQueryMask {
      return attentionQueryMask.marks.indices.filter { attentionQueryMask.marks[$0] }
    }
    return Set(globalIndices ?? []).sorted()
  }

  /// The longest input, in tokens.
  var length: Int { attentionQueryMask?.marks.count ?? seqLen ?? 0 }

  /// Checks that the global tokens are given in one way and lie in the sequence.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: seqLen ?? 1, "seq_len")
    if let attentionQueryMask {
      try require(
        globalIndices == nil, "global_indices", "no indices beside attention_query_mask",
        got: globalIndices ?? [])
      try attentionQueryMask.validate(self)
      try require(
        seqLen ?? 1 <= length, "seq_len", "at most the \(length) tokens of attention_query_mask",
        got: seqLen ?? 1)
    }
    for index in globalIndices ?? [] {
      try require(
        (0..<length).contains(index), "global_indices", "indices from 0 below seq_len = \(length)",
        got: index)
    }
  }
}

/// Which tokens of a sequence are marked.
public enum TokenMask: Sendable, Codable, Equatable, ExpressibleByArrayLiteral {
  /// A truth value for each token.
  case flat([Bool])
  /// A row of one truth value for each token.
  case column([[Bool]])

  /// A truth value for each token.
  public init(arrayLiteral marks: Bool...) { self = .flat(marks) }

  /// Reads one of both forms.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let rows = try? container.decode([[Bool]].self), !rows.isEmpty {
      self = .column(rows)
    } else {
      self = .flat(try container.decode([Bool].self))
    }
  }

  /// Writes the form that was read.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flat(let marks): try container.encode(marks)
    case .column(let rows): try container.encode(rows)
    }
  }

  /// A truth value for each token.
  var marks: [Bool] {
    switch self {
    case .flat(let marks): marks
    case .column(let rows): rows.flatMap { $0 }
    }
  }

  func validate(_ config: GlobalAttentionConfig) throws(PartError) {
    try config.require(
      !marks.isEmpty, "attention_query_mask", "a truth value for at least one token", got: marks)
    guard case .column(let rows) = self, let row = rows.first(where: { $0.count != 1 }) else {
      return
    }
    try config.require(
      false, "attention_query_mask", "rows of one truth value, [S, 1]", got: row)
  }
}

extension [Int] {
  /// True at these places.
  fileprivate func mask(_ count: Int) -> [Bool] { (0..<count).map(contains) }
}

extension JSON {
  /// A mask of tokens.
  fileprivate static func mask(_ tokens: [Int], _ count: Int) -> JSON {
    .array(tokens.mask(count).map { .bool($0) })
  }
}

// @register(attention, "global", GlobalAttentionConfig)
/// Softmax attention in which a few global tokens see all and are seen by all.
///
/// The global tokens of [BigBird](https://arxiv.org/abs/2007.14062) and
/// [Longformer](https://arxiv.org/abs/2004.05150) alone. A token that is not global sees the global
/// ones and not itself; without global tokens it sees nothing, and its output is 0. Unlike the
/// original, `causal` has an effect, and then each token sees itself as well, so that no row is
/// empty; a shorter input uses the first entries of the mask and nothing is padded; any mask is taken.
///
/// - Shapes: query, key `[N, S, D]`, value `[N, S, V]`, S at most the mask's length → `[N, S, V]`.
/// - Masks: Boolean and additive of every shape.
/// - Complexity: O(S²·D) time, O(S²) memory: the pattern is a mask here.
public final class GlobalAttention: Module, Attention {
  /// The options.
  public let config: GlobalAttentionConfig
  private let tokens: [Int]
  private let dropout: Dropout

  /// Makes the attention; it has no parameters.
  public init(_ config: GlobalAttentionConfig, generator: Generator) throws {
    self.config = config
    tokens = config.tokens
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["attn_drop": dropout])
  }

  /// Softmax attention with a pattern; if all tokens are global, without one.
  public static func claims(for config: GlobalAttentionConfig) -> Claims {
    let tokens = config.tokens
    let isUniform = !config.causal && [0, config.length].contains(tokens.count)
    var claims = Claims.softmax
    claims.causal = config.causal ? .always : .option
    claims.masks = [.boolean2D, .boolean3D, .additive]
    claims.queryEquivariant = isUniform
    claims.keyValueInvariant = isUniform
    claims.sequence = .atMost(config.length)
    claims.pattern = .tokens(Set(tokens), andItself: config.causal)
    claims.dropout = .weights(key: "dropout")
    claims.definition = Definition(
      "global",
      options: [
        "causal": .bool(config.causal), "seq_len": .integer(config.length),
        "global_indices": .array(tokens.map { .integer($0) }),
      ])
    return claims
  }

  /// Attends.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    var promised = claims
    if Fault.isActive(.causalFlagDead) { promised.causal = .option }
    var mask = try masks.resolved(lengths, dtype: query.dtype, claims: promised)
    if Fault.isActive(.paddedKeysVisible), masks.isEmpty {
      let missing = [0, 0, 0, config.length - lengths.queries]
      let pattern = LogitMask(allowed: try pattern(config.length))
      return try softmaxAttention(
        query.padded(missing), key.padded(missing), value.padded(missing), mask: pattern
      ).slice(-2, 0..<lengths.queries)
    }
    try mask.restrict(pattern(lengths.queries))
    return try softmaxAttention(
      query, key, value, mask: mask, dropout: config.dropout > 0 ? dropout : nil)
  }

  /// Which pairs meet, apart from causality, Bool `[S, S]`.
  private func pattern(_ length: Int) throws -> Tensor {
    let shift = Fault.pick(.globalLastTokens, wrong: config.length - length, right: 0)
    var marks = [Bool](repeating: false, count: length)
    for token in tokens where marks.indices.contains(token - shift) { marks[token - shift] = true }
    let seen = try Tensor(marks, shape: [1, length])
    let seeing = try Tensor(marks, shape: [length, 1])
    let pairs = try Fault.pick(.globalRowsLost, wrong: seen, right: seen .| seeing)
    let isOwn = config.causal || Fault.isActive(.globalSeesItself)
    return try isOwn ? pairs .| Tensor.identity(length, .bool) : pairs
  }
}
