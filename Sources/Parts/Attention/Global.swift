internal import JSON
public import Torch

/// The options of a global attention.
public struct GlobalAttentionConfig: PartConfig {
  /// Which tokens are global: `[true, false, …]` or, as in the original, `[[true], [false], …]`.
  public var attentionQueryMask: TokenMask?
  /// The positions of the global tokens, with `seq_len` instead of a mask.
  public var globalIndices: [Int]?
  /// The longest input, in tokens; by default the length of the mask. Tokens beyond the mask are not
  /// global.
  public var seqLen: Int?
  /// Whether a query sees only keys up to its own position.
  public var causal = false
  /// Accepted for configurations of the original; it never changes a result.
  public var forceSparsity = false
  /// The share of attention weights dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Two global tokens of seven.
  public static let sample = Self(attentionQueryMask: .flat([1, 4].mask(7)))
  /// A mask has no default.
  public static let required = ["attention_query_mask"]
  /// Indices and a length replace the mask.
  public static let substitutes = ["attention_query_mask": ["global_indices", "seq_len"]]
  /// Some, none and all tokens, in both forms, for lengths around those of trials.
  public static let domain: [String: OptionDomain] = [
    "attention_query_mask": .values([
      .mask([1, 4], 7), .mask([], 4), .mask([0, 1, 2], 3),
      .array((0..<13).map { [.bool([2, 5, 8].contains($0))] }),
    ]),
    "global_indices": .fixed, "seq_len": .atLeast(.queryLength),
  ]
  /// The implementation follows from the costs.
  public static let inert: Set = ["force_sparsity"]

  /// Two global tokens.
  public static func sample(length: Int) -> Self? {
    Self(globalIndices: Array(Set([0, length / 2])).sorted(), seqLen: length)
  }

  /// The positions of the global tokens, in ascending order.
  var tokens: [Int] {
    let marks = attentionQueryMask?.marks ?? []
    return Set((globalIndices ?? []) + marks.indices.filter { marks[$0] })
      .filter { $0 < length }.sorted()
  }

  /// The longest input, in tokens.
  var length: Int { seqLen ?? attentionQueryMask?.marks.count ?? 0 }

  /// Checks that the global tokens are given in only one way and lie in the sequence.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: seqLen ?? 1, "seq_len")
    try attentionQueryMask?.validate(self)
    try require(
      attentionQueryMask == nil || globalIndices == nil, "global_indices",
      "no indices beside attention_query_mask", got: globalIndices ?? [])
    for index in globalIndices ?? [] {
      try require(
        (0..<length).contains(index), "global_indices",
        "indices from 0 below seq_len = \(length)",
        got: index)
    }
  }
}

// @register(attention, "global", GlobalAttentionConfig)
/// Softmax attention in which a few global tokens see all and are seen by all.
///
/// The global tokens of [BigBird](https://arxiv.org/abs/2007.14062) and
/// [Longformer](https://arxiv.org/abs/2004.05150) alone. A token that is not global sees the global
/// ones and not itself; without global tokens it sees nothing, and its output is 0. Unlike the
/// original, `causal` has an effect, and then each token sees itself as well, so that no row is
/// empty; a shorter input uses the first entries of the mask, without padding; any mask is accepted.
///
/// - Shapes: query, key `[N, S, D]`, value `[N, S, V]`, S at most the mask's length → `[N, S, V]`.
/// - Masks: all kinds.
/// - Complexity: O(S·g·D) time and O(S·g) memory for g global tokens; all pairs for a call with a
///   mask.
public final class GlobalAttention: Module, Attention, PathChoosing {
  /// The options.
  public let config: GlobalAttentionConfig
  /// The implementation to use.
  public var path = AttentionPath.automatic
  private let tokens: [Int]
  private let dropout: Dropout

  /// Makes the attention; it has no parameters.
  public init(_ config: GlobalAttentionConfig, generator: Generator) throws {
    self.config = config
    tokens = config.tokens
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["attn_drop": dropout])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    let masks = try masks.effective(lengths, dtype: query.dtype, claims: claims)
    if masks.isEmpty, isStructured(lengths.queries) {
      return try rowsAndColumns(query, key, value)
    }
    var mask = try masks.resolved(lengths, dtype: query.dtype, claims: claims)
    try mask.restrict(pattern(lengths.queries))
    return try softmaxAttention(query, key, value, mask: mask, dropout: dropout)
  }

  /// Computes the rows of the global queries and, for other queries, the columns of the global keys.
  private func rowsAndColumns(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    let tokens = present(query.size(1))
    let others = try GlobalTokens(tokens, isCausal: config.causal)
      .attention(query, key, value, dropout)
    guard !tokens.isEmpty else { return others }
    var mask = LogitMask()
    if config.causal {
      let places = try Tensor(tokens, shape: [tokens.count, 1])
      try mask.restrict(Tensor.range(query.size(1)) .<= places)
    }
    let rows = try softmaxAttention(
      query.picked(1, tokens), key, value, mask: mask, dropout: dropout)
    return try others.replacing(1, tokens, by: rows)
  }

  /// The pairs of the pattern, Bool `[S, S]`; causality is applied elsewhere.
  private func pattern(_ length: Int) throws -> Tensor {
    var marks = [Bool](repeating: false, count: length)
    for token in present(length) { marks[token] = true }
    let seen = try Tensor(marks, shape: [1, length])
    let seeing = try Tensor(marks, shape: [length, 1])
    let pairs = try seen .| seeing
    return try config.causal ? pairs .| Tensor.identity(length, .bool) : pairs
  }

  /// The global tokens within an input of this length.
  private func present(_ length: Int) -> [Int] {
    tokens.filter { (0..<length).contains($0) }
  }

  /// Whether there are so few pairs that skipping the others pays.
  private func isStructured(_ length: Int) -> Bool {
    switch path {
    case .automatic: 4 * present(length).count <= length
    case .dense: false
    case .structured: true
    }
  }
}

// MARK: Contract

extension GlobalAttention {
  /// The claims of softmax attention, with a pattern.
  public static func claims(for config: GlobalAttentionConfig) -> Claims {
    let tokens = config.tokens
    var claims = Claims.softmax
    claims.causal = config.causal ? .always : .option
    claims.masks = Set(MaskKind.allCases)
    claims.sequence = .atMost(config.length)
    claims.pattern = .tokens(Set(tokens), andItself: config.causal)
    if config.causal { claims.thresholds = [GlobalTokens.secondChunk] }
    claims.dropout = .weights(key: "dropout")
    claims.memoryExponent = 1
    claims.definition = Definition(
      "global",
      options: [
        "causal": .bool(config.causal), "seq_len": .integer(config.length),
        "global_indices": .array(tokens.map { .integer($0) }),
      ])
    return claims
  }
}

/// Which tokens of a sequence are marked.
public enum TokenMask: Sendable, Codable, Equatable, ExpressibleByArrayLiteral {
  /// One truth value for each token.
  case flat([Bool])
  /// One row of one truth value for each token.
  case column([[Bool]])

  /// Takes one truth value for each token.
  public init(arrayLiteral marks: Bool...) { self = .flat(marks) }

  /// Reads either form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // The first entry decides, so that an error names the entry that differs.
    let isColumn = try container.decode(JSON.self)[0]?.array != nil
    self =
      isColumn
      ? .column(try container.decode([[Bool]].self)) : .flat(try container.decode([Bool].self))
  }

  /// Writes the form that was read.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flat(let marks): try container.encode(marks)
    case .column(let rows): try container.encode(rows)
    }
  }

  /// One truth value for each token.
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
  /// A mask that is true at these positions.
  fileprivate func mask(_ count: Int) -> [Bool] { (0..<count).map(contains) }
}

extension JSON {
  /// A mask of tokens.
  fileprivate static func mask(_ tokens: [Int], _ count: Int) -> JSON {
    .array(tokens.mask(count).map { .bool($0) })
  }
}
