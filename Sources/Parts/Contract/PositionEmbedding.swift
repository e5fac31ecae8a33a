public import Torch

/// A part that encodes the positions of tokens.
///
/// Most add something to features, see ``FeatureEmbedding``; rotary ones turn queries and keys.
public protocol PositionEmbedding: Part {}

/// A position embedding of features or of indices into a vocabulary.
public protocol FeatureEmbedding: PositionEmbedding {
  /// Embeds. Shapes: features `[B, S, E]` or, for a vocabulary, indices `[B, S]` → `[B, S, E]`;
  /// one token more with a class token.
  ///
  /// - Throws: `PartError` for a tensor that does not fit.
  func callAsFunction(_ x: Tensor) throws -> Tensor
}

extension FeatureEmbedding {
  /// Embeds the tensor `x`.
  public func call(_ inputs: [String: Tensor]) throws -> Tensor {
    try callAsFunction(NamedInputs(inputs, signature).required("x"))
  }
}
