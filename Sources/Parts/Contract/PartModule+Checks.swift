public import Torch

extension PartModule {
  /// Throws unless a tensor is a floating `[B, S, E]` of the part's type.
  public func checkTokens(_ x: Tensor, _ name: String, width: Int) throws(PartError) {
    guard x.rank == 3, x.size(2) == width else {
      throw error(.shape(tensor: name, expected: "[B, S, E] with E = \(width)", got: x.shape))
    }
    try checkFloating(x, name)
  }

  /// Features `[B, S, E]`, checked; those of `[B, S]` are repeated for every channel.
  func features(_ x: Tensor, _ name: String, width: Int) throws -> Tensor {
    guard x.rank == 2 else {
      try checkTokens(x, name, width: width)
      return x
    }
    try checkFloating(x, name)
    return try x.unsqueezed(-1).expanded([-1, -1, width])
  }

  /// Throws unless a tensor has elements, of a floating type that the part computes in and that all
  /// its parameters have.
  public func checkFloating(_ x: Tensor, _ name: String) throws(PartError) {
    if let empty = PartError.Problem.empty(x, name) { throw error(empty) }
    guard claims.dtypes.contains(x.dtype) else {
      throw error(
        .dtype(
          tensor: name,
          expected: "one of "
            + DType.floating.filter(claims.dtypes.contains).map(\.rawValue).joined(separator: ", "),
          got: x.dtype.rawValue))
    }
    try checkState(x, name)
  }

  /// Throws unless a tensor has the type of every parameter and buffer, constants excepted.
  func checkState(_ x: Tensor, _ name: String) throws(PartError) {
    guard let (key, own) = tensor(otherThan: x.dtype) else { return }
    throw error(
      .dtype(
        tensor: name, expected: "\(own), the type of the parameter `\(key)`",
        got: x.dtype.rawValue))
  }
}
