internal import JSON
public import Torch

/// The options of a learnable position embedding.
public struct LearnablePositionalEmbeddingConfig: PartConfig {
  /// The longest sequence, in tokens, without the class token.
  public var seqLen: Int
  /// The width of a token, in channels.
  public var dimModel: Int
  /// Whether a learnt token is put in front.
  public var addClassToken = false

  /// Sixteen tokens of eight channels.
  public static let sample = Self(seqLen: 16, dimModel: 8)
  /// The size of the table has no default.
  public static let required = ["seq_len", "dim_model"]
  /// Tables as long as the input, and longer.
  public static let domain: [String: OptionDomain] = [
    "seq_len": .atLeast(.queryLength), "dim_model": .equal(.modelWidth),
  ]

  /// Checks the size of the table.
  public func validate() throws {
    try require(size: seqLen, "seq_len")
    try require(size: dimModel, "dim_model")
  }
}

// @register(position_embedding, "learnable", LearnablePositionalEmbeddingConfig)
/// Adds a learnt row for each position, after a learnt class token on request.
///
/// As in [Dosovitskiy et al., 2020](https://arxiv.org/abs/2010.11929). Unlike the original zoo, a
/// shorter input uses the first rows of the table, and a longer one throws.
///
/// - Shapes: `[B, S, E]` → `[B, S, E]`, or `[B, S + 1, E]` with a class token; features `[B, S]`
///   are repeated for every channel.
/// - Complexity: O(S·E).
public final class LearnablePositionalEmbedding: Module, OffsetEmbedding {
  /// The options.
  public let config: LearnablePositionalEmbeddingConfig
  /// The rows, `[1, L, E]`; one more with a class token.
  public let table: Parameter
  /// The class token, `[E]`.
  public let classToken: Parameter?

  /// Draws rows from the normal distribution with standard deviation 0.02; the token is 0.
  public init(_ config: LearnablePositionalEmbeddingConfig, generator: Generator) throws {
    self.config = config
    let rows = config.seqLen + (config.addClassToken ? 1 : 0)
    table = try Parameter(
      Tensor.normal([1, rows, config.dimModel], generator: generator) * 0.02)
    classToken = config.addClassToken ? try Parameter(Tensor.zeros([config.dimModel])) : nil
    super.init(["pos_emb": table, "class_token": classToken])
  }

  /// Adds the rows.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    var features = try features(x, "x", width: config.dimModel)
    try checkLength(of: x)
    if let classToken {
      let tokens = try classToken.value.reshaped([1, 1, -1]).expanded([features.size(0), -1, -1])
      features = try Tensor.cat([tokens, features], 1)
    }
    return try features + table.value.slice(1, 0..<features.size(1))
  }
}

// MARK: Contract

extension LearnablePositionalEmbedding {
  /// Adds the rows of these positions.
  public func callAsFunction(_ x: Tensor, offsets: [Int], real: Tensor?) throws -> Tensor {
    guard !config.addClassToken else { throw noCache("a class token comes before all others") }
    guard let rows = try positions(x, offsets, real: real, limit: config.seqLen) else {
      return try nothing(x)
    }
    return try features(x, "x", width: config.dimModel) + table.value.squeezed(0).embedding(rows)
  }

  /// Each token is computed on its own, unless a class token is added.
  public static func claims(for config: LearnablePositionalEmbeddingConfig) -> Claims {
    var claims = Claims()
    claims.tokenWise = !config.addClassToken
    claims.incremental = !config.addClassToken
    claims.nanIsolation = config.addClassToken ? [.batchRow] : [.batchRow, .token]
    claims.sequence = .atMost(config.seqLen)
    claims.memoryExponent = 1
    let rows = config.addClassToken ? config.seqLen + 1 : config.seqLen
    claims.parameters["pos_emb"] = ParameterClaim(
      [1, rows, config.dimModel], .normal(deviation: 0.02))
    var parameters = ["table": "pos_emb"]
    if config.addClassToken {
      claims.parameters["class_token"] = ParameterClaim([config.dimModel], .zero)
      parameters["class_token"] = "class_token"
    }
    claims.definition = Definition(
      "learnable", options: ["add_class_token": .bool(config.addClassToken)],
      parameters: parameters)
    return claims
  }

  /// Features in, features out.
  public var signature: Signature {
    Signature(
      [.init("x", ["B", "S", "E"], alternatives: [["B", "S"]])],
      output: ["B", config.addClassToken ? "S+1" : "S", "E"],
      fixed: ["E": config.dimModel])
  }

  private func checkLength(of x: Tensor) throws {
    guard x.size(1) <= config.seqLen else {
      throw error(
        .shape(
          tensor: "x", expected: "a length S of at most seq_len = \(config.seqLen)", got: x.shape))
    }
  }
}
