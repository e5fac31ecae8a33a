public import Torch

extension PartModule {
  /// Throws unless a tensor is a floating `[B, S, E]` of a type the part computes in.
  public func checkTokens(_ x: Tensor, _ name: String, width: Int) throws(PartError) {
    guard x.rank == 3, x.size(2) == width, !x.shape.contains(0) else {
      throw error(.shape(tensor: name, expected: "[B, S, E] with E = \(width)", got: x.shape))
    }
    try checkFloating(x, name)
  }

  /// Throws unless a tensor has a floating type that the part and its parameters compute in.
  public func checkFloating(_ x: Tensor, _ name: String) throws(PartError) {
    guard claims.dtypes.contains(x.dtype) else {
      throw error(
        .dtype(
          tensor: name,
          expected: "one of "
            + DType.floating.filter(claims.dtypes.contains).map(\.rawValue).joined(separator: ", "),
          got: x.dtype.rawValue))
    }
    if let (key, own) = parameters.first, own.dtype != x.dtype {
      throw error(
        .dtype(
          tensor: name, expected: "\(own.dtype) as the parameter `\(key)`",
          got: x.dtype.rawValue))
    }
  }
}
