internal import CTorch

extension Tensor {
  /// The elementwise sum; shapes broadcast.
  public static func + (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try Operators.add.call(a, b)
  }

  /// A number added to each element.
  public static func + (a: Tensor, b: Double) throws(TorchError) -> Tensor {
    try Operators.addScalar.call(a, b)
  }

  /// The elementwise difference; shapes broadcast.
  public static func - (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try Operators.subtract.call(a, b)
  }

  /// A number subtracted from each element.
  public static func - (a: Tensor, b: Double) throws(TorchError) -> Tensor {
    try Operators.addScalar.call(a, -b)
  }

  /// Each element subtracted from a number.
  public static func - (a: Double, b: Tensor) throws(TorchError) -> Tensor {
    try Operators.subtractFrom.call(b, a)
  }

  /// The elementwise product; shapes broadcast.
  public static func * (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try Operators.multiply.call(a, b)
  }

  /// Each element times a number.
  public static func * (a: Tensor, b: Double) throws(TorchError) -> Tensor {
    try Operators.multiplyScalar.call(a, b)
  }

  /// Each element times a number.
  public static func * (a: Double, b: Tensor) throws(TorchError) -> Tensor {
    try Operators.multiplyScalar.call(b, a)
  }

  /// The sum with an elementwise product, in one pass; shapes broadcast.
  public func adding(_ a: Tensor, times b: Tensor) throws(TorchError) -> Tensor {
    try Operators.addProduct.call(self, a, b)
  }

  /// The elementwise quotient; shapes broadcast.
  public static func / (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try Operators.divide.call(a, b)
  }

  /// Each element divided by a number.
  public static func / (a: Tensor, b: Double) throws(TorchError) -> Tensor {
    try Operators.divideScalar.call(a, b)
  }

  /// Each element negated.
  public static prefix func - (a: Tensor) throws(TorchError) -> Tensor {
    try Operators.negate.call(a)
  }

  /// Each element to a power.
  public func power(_ exponent: Double) throws(TorchError) -> Tensor {
    try Operators.power.call(self, exponent)
  }

  /// The matrix product over the last two dimensions; the others broadcast.
  ///
  /// Shapes: `[…, n, k]` and `[…, k, m]` → `[…, n, m]`.
  public func matmul(_ other: Tensor) throws(TorchError) -> Tensor {
    // For pairs of matrices, without the views that broadcasting makes.
    rank == 3 && other.rank == 3 && size(0) == other.size(0)
      ? try Operators.batchedMatmul.call(self, other) : try Operators.matmul.call(self, other)
  }

  /// The products of pairs of matrices times a factor, `alpha · a b + beta · c`, in one pass.
  ///
  /// Without `c`, only the products. Shapes: a `[N, n, k]`, b `[N, k, m]`, c broadcastable to
  /// `[N, n, m]`.
  public static func products(
    _ a: Tensor, _ b: Tensor, times alpha: Double, plus c: Tensor? = nil, times beta: Double = 1
  ) throws(TorchError) -> Tensor {
    let added = if let c { c } else { try Tensor.zeros([1, 1, 1], a.dtype) }
    return try Operators.addedProduct(
      .tensor(added), .tensor(a), .tensor(b), .number(c == nil ? 0 : beta), .number(alpha))
  }

  /// The square root of the sum of all squares; not finite where an element is not.
  public func norm() throws(TorchError) -> Tensor { try Operators.norm(.tensor(self), .number(2)) }

  /// Whether ``norm()`` is finite.
  public var hasFiniteNorm: Bool {
    get throws(TorchError) {
      // A pass over memory costs less than a call of an operator.
      if ct_tensor_has_finite_squares(handle) != 0 { return true }
      return try detached().norm().item().isFinite
    }
  }

  /// The affine map of the last dimension, `x · weightᵀ + bias`.
  ///
  /// Shapes: `[…, n]`, weight `[m, n]`, bias `[m]` → `[…, m]`.
  public func linear(_ weight: Tensor, bias: Tensor? = nil) throws(TorchError) -> Tensor {
    guard let bias else { return try Operators.linear.call(self, weight) }
    return try Operators.linear.call(self, weight, bias)
  }
}
