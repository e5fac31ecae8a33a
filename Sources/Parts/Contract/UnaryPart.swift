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

/// A part that gives the channels of each token a common scale. Shapes: `[B, S, E]` → `[B, S, E]`.
public protocol Normalization: UnaryPart {}

/// A part that makes tokens of the patches of an image. Shapes: images `[B, C, Y, X]`, or tokens
/// `[B, S, C]` that are the cells of a square grid, row by row → `[B, P, E]`.
public protocol PatchEmbedding: UnaryPart {}

/// A part that puts the channels of each token on simplices. Shapes: `[B, S, E]` → `[B, S, E]`.
public protocol SimplicialEmbedding: UnaryPart {}

extension Signature {
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
}
