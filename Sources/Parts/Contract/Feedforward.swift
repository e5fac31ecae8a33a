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

extension Claims {
  /// The claims of a part that computes each token on its own.
  static var eachToken: Claims {
    var claims = Claims()
    claims.tokenWise = true
    claims.nanIsolation = [.batchRow, .token]
    claims.memoryExponent = 1
    return claims
  }
}

extension Signature {
  /// Tokens in, tokens out, of one width.
  static func tokens(width: Int) -> Signature {
    Signature([.init("inputs", ["B", "S", "E"])], output: ["B", "S", "E"], fixed: ["E": width])
  }
}
