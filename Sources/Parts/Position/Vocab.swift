internal import JSON
public import Torch

/// The options of a vocabulary embedding.
public struct VocabEmbeddingConfig: PartConfig {
  /// The width of a token, in channels.
  public var dimModel: Int
  /// The longest sequence, in tokens.
  public var seqLen: Int
  /// The number of words; indices must be below it.
  public var vocabSize: Int
  /// The share of channels dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Sixteen tokens of eight channels, and eleven words.
  public static let sample = Self(dimModel: 8, seqLen: 16, vocabSize: 11)
  /// The sizes of the tables have no default.
  public static let required = ["dim_model", "seq_len", "vocab_size"]
  /// Tables as long as the input, and longer; few words, so that some repeat.
  public static let domain: [String: OptionDomain] = [
    "dim_model": .equal(.modelWidth), "seq_len": .atLeast(.queryLength),
    "vocab_size": .values([1, 3, 11]),
  ]

  /// Checks the sizes and the share.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: dimModel, "dim_model")
    try require(size: seqLen, "seq_len")
    try require(size: vocabSize, "vocab_size")
  }
}

// @register(position_embedding, "vocab", VocabEmbeddingConfig)
/// Looks words up in a learnt table and adds a learnt row for each position.
///
/// As in [Devlin et al., 2018](https://arxiv.org/abs/1810.04805). Unlike the original zoo, an index out
/// of the vocabulary throws with the index and the bound.
///
/// - Shapes: indices `[B, S]` → `[B, S, E]`.
/// - Complexity: O(S·E).
public final class VocabEmbedding: Module, OffsetEmbedding {
  /// The options.
  public let config: VocabEmbeddingConfig
  /// A row for each position, `[L, E]`.
  public let positions: Parameter
  /// A row for each word, `[V, E]`.
  public let words: Parameter
  private let dropout: Dropout

  /// Draws both tables from the normal distribution with standard deviation 0.02.
  public init(_ config: VocabEmbeddingConfig, generator: Generator) throws {
    self.config = config
    let width = config.dimModel
    positions = try Parameter(Tensor.normal([config.seqLen, width], generator: generator) * 0.02)
    words = try Parameter(Tensor.normal([config.vocabSize, width], generator: generator) * 0.02)
    dropout = Dropout(config.dropout, generator: generator)
    super.init([
      "position_embeddings.weight": positions,
      "word_embeddings.weight": words, "drop": dropout,
    ])
  }

  /// Looks the words up.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try check(x)
    guard x.size(1) <= config.seqLen else {
      throw error(
        .shape(
          tensor: "x", expected: "a length S of at most seq_len = \(config.seqLen)", got: x.shape))
    }
    return try dropout(words.value.embedding(x) + positions.value.slice(0, 0..<x.size(1)))
  }
}

// MARK: Contract

extension VocabEmbedding {
  /// Looks the words up, at these positions.
  public func callAsFunction(_ x: Tensor, offsets: [Int], real: Tensor?) throws -> Tensor {
    guard let rows = try self.positions(x, offsets, real: real, limit: config.seqLen) else {
      return try nothing(x)
    }
    try check(x)
    return try dropout(words.value.embedding(x) + positions.value.embedding(rows))
  }

  /// Each token is computed on its own.
  public static func claims(for config: VocabEmbeddingConfig) -> Claims {
    var claims = Claims()
    claims.tokenWise = true
    claims.incremental = true
    claims.nanIsolation = [.batchRow, .token]
    claims.sequence = .atMost(config.seqLen)
    for (key, rows) in [("position", config.seqLen), ("word", config.vocabSize)] {
      claims.parameters["\(key)_embeddings.weight"] = ParameterClaim(
        [rows, config.dimModel], .normal(deviation: 0.02))
    }
    claims.dropout = .output(key: "dropout")
    claims.memoryExponent = 1
    claims.definition = Definition(
      "vocab",
      parameters: ["word": "word_embeddings.weight", "position": "position_embeddings.weight"])
    return claims
  }

  /// Indices in, features out.
  public var signature: Signature {
    Signature(
      [.init("x", ["B", "S"], element: .index(below: config.vocabSize))],
      output: ["B", "S", "E"], fixed: ["E": config.dimModel])
  }

  private func check(_ x: Tensor) throws {
    guard x.rank == 2 else {
      throw error(.shape(tensor: "x", expected: "[B, S]", got: x.shape))
    }
    if let empty = PartError.Problem.empty(x, "x") { throw error(empty) }
    try checkState(words.value, "word_embeddings.weight")
    guard x.dtype == .int64 || x.dtype == .int32 else {
      throw error(.dtype(tensor: "x", expected: "i64 or i32", got: x.dtype.rawValue))
    }
    let (low, high) = try x.bounds()
    guard low >= 0, high < config.vocabSize else {
      throw error(
        .content(
          tensor: "x", expected: "indices from 0 below vocab_size = \(config.vocabSize)",
          got: "\(low < 0 ? low : high)"))
    }
  }
}
