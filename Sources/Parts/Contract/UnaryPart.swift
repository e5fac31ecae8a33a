public import Torch

/// A part that maps one tensor, the only input of its signature.
public protocol UnaryPart: Part {
  /// Maps a tensor.
  ///
  /// - Throws: `PartError` for a tensor that does not fit.
  func callAsFunction(_ x: Tensor) throws -> Tensor
}

extension UnaryPart {
  /// Maps the tensor with the name that the signature gives.
  public func call(_ inputs: [String: Tensor]) throws -> Tensor {
    let signature = signature
    return try callAsFunction(NamedInputs(inputs, signature).required(signature.inputs[0].name))
  }
}

/// A part that works on the channels of each token. Shapes: `[B, S, E]` → `[B, S, E]`.
public protocol Feedforward: UnaryPart {}

/// A part that encodes the positions of tokens.
///
/// Most add something to features, see ``FeatureEmbedding``; rotary ones turn queries and keys.
public protocol PositionEmbedding: Part {}

/// A position embedding of features or of indices into a vocabulary. Shapes: features `[B, S, E]`
/// or, for a vocabulary, indices `[B, S]` → `[B, S, E]`; one token more with a class token.
public protocol FeatureEmbedding: PositionEmbedding, UnaryPart {}

/// A position embedding whose tokens may begin at another position in each row.
public protocol OffsetEmbedding: FeatureEmbedding, IncrementalPart {
  /// Embeds tokens of which so many come before in each row; there may be none.
  ///
  /// - `real`: Bool `[B, S]`, true for the first tokens of each row, as many as are real; nil for all.
  /// - Throws: `PartError` for a tensor that does not fit, and for real tokens beyond the longest input.
  func callAsFunction(_ x: Tensor, offsets: [Int], real: Tensor?) throws -> Tensor
}

extension OffsetEmbedding {
  /// Embeds tokens of which so many come before in each row.
  public func callAsFunction(_ x: Tensor, offsets: [Int]) throws -> Tensor {
    try callAsFunction(x, offsets: offsets, real: nil)
  }

  /// A cache of the positions alone.
  public func makeCache(batch: Int) throws -> TokenCache {
    guard claims.incremental else { throw noCache("a class token comes before all others") }
    return TokenCache(batch: batch)
  }

  /// Embeds the tensor with the name that the signature gives, from the next position of each row on.
  public func next(_ inputs: [String: Tensor], cache: TokenCache, real: Tensor?) throws -> Tensor {
    let x = try NamedInputs(inputs, signature).required(signature.inputs[0].name)
    let (rows, length) = x.rank > 1 ? (x.size(0), x.size(1)) : (0, 0)
    let chunk = try checkChunk("x", rows: rows, length: length, real: real, cache)
    let output = try self(x, offsets: cache.counts, real: real)
    cache.advance(by: chunk)
    return output
  }

  /// The position of each token, Int `[B, S]`; nil if there are no tokens. Those of tokens that are not
  /// real go no further than the last.
  ///
  /// - `limit`: how many positions there are.
  func positions(_ x: Tensor, _ offsets: [Int], real: Tensor?, limit: Int = .max) throws -> Tensor?
  {
    let (rows, length) = x.rank > 1 ? (x.size(0), x.size(1)) : (0, 0)
    let chunk = try chunk("x", rows: rows, length: length, real: real, batch: offsets.count)
    for (offset, count) in zip(offsets, chunk.counts) where count > 0 {
      guard offset >= 0, offset <= limit - count else {
        throw error(
          .content(
            tensor: "x", expected: "positions from 0 below seq_len = \(limit)",
            got: "\(offset) ..< \(offset + count)"))
      }
    }
    guard length > 0 else { return nil }
    return try Tensor(
      offsets.flatMap { offset in (0..<length).map { max(0, min(offset + $0, limit - 1)) } },
      shape: [rows, length])
  }

  /// The output for no tokens.
  func nothing(_ x: Tensor) throws -> Tensor {
    try Tensor.zeros(
      [x.size(0), 0, signature.fixed["E"] ?? 0], parameters.first?.value.dtype ?? x.dtype)
  }
}

/// A part that gives the channels of each token a common scale. Shapes: `[B, S, E]` → `[B, S, E]`.
public protocol Normalization: UnaryPart {}

/// A part that makes tokens of the patches of an image. Shapes: images `[B, C, Y, X]`, or tokens
/// `[B, S, C]` that are the cells of a square grid, row by row → `[B, P, E]`.
public protocol PatchEmbedding: UnaryPart {}

/// A part that puts the channels of each token on simplices. Shapes: `[B, S, E]` → `[B, S, E]`.
public protocol SimplicialEmbedding: UnaryPart {}

/// A part that adds to the logits of an attention what depends on positions alone. Shapes: logits
/// `[B, H, S, T]` → the same.
public protocol AttentionBias: UnaryPart {
  /// What is added, `[H, S, T]`, to the logits of so many queries and keys.
  ///
  /// - `offset`: the position of the first query, counted from the first key.
  /// - Throws: `PartError` unless there are queries and keys, and the offset is at least 0.
  func bias(queries: Int, keys: Int, offset: Int, _ dtype: DType) throws -> Tensor
}

extension AttentionBias {
  /// The logits with the bias of queries and keys that both begin at position 0.
  public func callAsFunction(_ logits: Tensor) throws -> Tensor {
    guard logits.rank == 4, logits.size(1) == signature.fixed["H"] else {
      throw error(
        .shape(
          tensor: "logits", expected: "[B, H, S, T] with H = \(signature.fixed["H"] ?? 1)",
          got: logits.shape))
    }
    try checkFloating(logits, "logits")
    return try logits
      + bias(queries: logits.size(2), keys: logits.size(3), offset: 0, logits.dtype)
  }

  /// The distances j − i of keys j from queries i, `[S, T]` in double precision.
  func distances(queries: Int, keys: Int, offset: Int) throws -> Tensor {
    for (key, count) in [("queries", queries), ("keys", keys), ("offset", offset + 1)] {
      guard count >= 1 else {
        throw error(
          .value(
            key: key, expected: key == "offset" ? "at least 0" : "at least 1",
            got: "\(key == "offset" ? offset : count)"))
      }
    }
    return try Tensor.range(keys, .float64)
      - (Tensor.range(queries, .float64) + Double(offset)).unsqueezed(1)
  }
}

extension Signature {
  /// Logits of some heads in, the same out.
  static func logits(heads: Int) -> Signature {
    Signature(
      [.init("logits", ["B", "H", "S", "T"])], output: ["B", "H", "S", "T"], fixed: ["H": heads])
  }

  /// Tokens in, tokens of the same width out.
  static func tokens(_ name: String = "x", width: Int) -> Signature {
    Signature([.init(name, ["B", "S", "E"])], output: ["B", "S", "E"], fixed: ["E": width])
  }
}

extension Claims {
  /// Those of a part that computes each token on its own.
  static var ofEachToken: Claims {
    var claims = Claims()
    claims.tokenWise = true
    claims.nanIsolation = [.batchRow, .token]
    claims.memoryExponent = 1
    return claims
  }

  /// Those of a bias of logits: each row is computed on its own, of as many keys as it has.
  static var ofLogits: Claims {
    var claims = ofEachToken
    claims.memoryExponent = 2
    claims.crossLength = true
    return claims
  }
}
