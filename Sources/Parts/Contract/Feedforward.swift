public import Torch

/// A part that works on the channels of each token.
public protocol Feedforward: Part {
  /// Maps tokens. Shapes: `[B, S, E]` → `[B, S, E]`.
  ///
  /// - Throws: `PartError` for a tensor that does not fit.
  func callAsFunction(_ inputs: Tensor) throws -> Tensor
}

extension Feedforward {
  /// Maps the tensor `inputs`.
  public func call(_ inputs: [String: Tensor]) throws -> Tensor {
    try callAsFunction(NamedInputs(inputs, signature).required("inputs"))
  }
}
