internal import CTorch

extension Tensor {
  /// The sum of all elements, a tensor of rank 0.
  public func sum() throws(TorchError) -> Tensor { try Operators.sumAll.call(self) }

  /// The sum over dimensions.
  public func sum(_ dimensions: Int..., keep: Bool = false) throws(TorchError) -> Tensor {
    try Operators.sum(.tensor(self), .integers(dimensions), .truth(keep))
  }

  /// The mean over dimensions.
  public func mean(_ dimensions: Int..., keep: Bool = false) throws(TorchError) -> Tensor {
    try Operators.mean(.tensor(self), .integers(dimensions), .truth(keep))
  }

  /// The largest element over dimensions, or over all dimensions if none is given.
  public func maximum(_ dimensions: Int..., keep: Bool = false) throws(TorchError) -> Tensor {
    try Operators.maximum(.tensor(self), .integers(dimensions), .truth(keep))
  }

  /// The smallest element over dimensions, or over all dimensions if none is given.
  public func minimum(_ dimensions: Int..., keep: Bool = false) throws(TorchError) -> Tensor {
    try Operators.minimum(.tensor(self), .integers(dimensions), .truth(keep))
  }

  /// The index of the largest element along a dimension.
  public func argmax(_ dimension: Int) throws(TorchError) -> Tensor {
    try Operators.argmax.call(self, dimension)
  }

  /// Whether any element along a dimension is true.
  public func any(_ dimension: Int, keep: Bool = false) throws(TorchError) -> Tensor {
    try Operators.any(.tensor(self), .integer(dimension), .truth(keep))
  }

  /// Whether all elements along a dimension are true.
  public func all(_ dimension: Int, keep: Bool = false) throws(TorchError) -> Tensor {
    try Operators.all(.tensor(self), .integer(dimension), .truth(keep))
  }

  /// Whether any element is true.
  public func anyTrue() throws(TorchError) -> Bool {
    try Operators.anyAll.call(self).item() != 0
  }

  /// Whether all elements are true.
  public func allTrue() throws(TorchError) -> Bool {
    try Operators.allAll.call(self).item() != 0
  }

  /// Whether all elements are above 0.
  public var isPositive: Bool {
    get throws(TorchError) {
      // A pass over memory costs less than a call of an operator.
      if ct_tensor_is_positive(handle) != 0 { return true }
      return try (detached() .> 0).allTrue()
    }
  }

  /// The indices of elements that are not 0, row-major, int64 `[count, rank]`.
  public func nonzero() throws(TorchError) -> Tensor {
    try Operators.nonzero.call(self)
  }

  /// The running sum along a dimension.
  public func cumulativeSum(_ dimension: Int) throws(TorchError) -> Tensor {
    try Operators.cumulativeSum.call(self, dimension)
  }

  /// Exponentials divided by their sum along a dimension; a row of nothing but −∞ gives NaN.
  public func softmax(_ dimension: Int) throws(TorchError) -> Tensor {
    try Operators.softmax.call(self, dimension)
  }

  /// Like `softmax(_:)`, but a row of nothing but −∞ gives zeros and zero gradients.
  public func safeSoftmax(_ dimension: Int) throws(TorchError) -> Tensor {
    try Operators.safeSoftmax.call(self, dimension)
  }
}
