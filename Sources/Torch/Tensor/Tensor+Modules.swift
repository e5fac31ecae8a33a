extension Tensor {
  /// Rows of a table, one for each index.
  ///
  /// Shapes: table `[V, E]`, indices `[…]` of integers below V → `[…, E]`.
  public func embedding(_ indices: Tensor) throws(TorchError) -> Tensor {
    try Operators.embedding(.tensor(self), .tensor(indices))
  }

  /// Rows (x − mean) / √(variance + ε) of the last dimension, multiplied by a weight and added to a
  /// bias, computed at least in single precision; and 1 / √(variance + ε) of each row.
  ///
  /// Shapes: `[…, E]`, weight and bias `[E]` → `[…, E]`, `[…, 1]`.
  public func layerNormalized(_ weight: Tensor, bias: Tensor, epsilon: Double) throws(TorchError)
    -> (rows: Tensor, inverse: Tensor)
  {
    let results = try Operators.layerNorm.all([
      .tensor(self), .integers([size(-1)]), .tensor(weight), .tensor(bias), .number(epsilon),
    ])
    return (results[0], results[2])
  }

  /// A two-dimensional convolution with zero padding.
  ///
  /// Shapes: `[B, C, Y, X]`, weight `[C', C / groups, KY, KX]`, bias `[C']`.
  public func convolved(
    _ weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: (Int, Int) = (0, 0),
    dilation: (Int, Int) = (1, 1), groups: Int = 1
  ) throws(TorchError) -> Tensor {
    try Operators.convolution2d(
      .tensor(self), .tensor(weight), bias.map(Argument.tensor) ?? .none,
      .integers([stride, stride]),
      .integers([padding.0, padding.1]), .integers([dilation.0, dilation.1]), .integer(groups))
  }

  /// The mean over a square window of odd width around each cell; cells beyond the border do not
  /// count.
  ///
  /// Shapes: `[B, C, Y, X]` → the same.
  public func averagePooled(_ width: Int) throws(TorchError) -> Tensor {
    try Operators.averagePooling2d(
      .tensor(self), .integers([width, width]), .integers([1, 1]),
      .integers([width / 2, width / 2]), .truth(false), .truth(false))
  }

  /// The real part of the discrete Fourier transform over the last two dimensions, not normalised.
  ///
  /// Half precision is computed in single precision, then rounded once.
  public func realFourierTransform2D() throws(TorchError) -> Tensor {
    let wide = dtype == .float64 ? self : try to(.float32)
    let spectrum = try Operators.fourierTransform2d(.tensor(wide))
    return try Operators.realPart.call(spectrum).to(dtype)
  }

  /// The Moore–Penrose inverse of the last two dimensions, by singular values.
  ///
  /// Singular values up to the type's epsilon times the larger side count as zero.
  public func pseudoInverse() throws(TorchError) -> Tensor {
    try Operators.pseudoInverse.call(self)
  }

  /// A matrix Q with orthonormal columns and an upper triangle R whose product this is, for the last
  /// two dimensions.
  ///
  /// Shapes: `[…, n, m]` → `[…, n, min(n, m)]`, `[…, min(n, m), m]`.
  public func triangularFactors() throws(TorchError) -> (orthonormal: Tensor, triangle: Tensor) {
    let factors = try Operators.triangularFactors.all([.tensor(self), .text("reduced")])
    return (factors[0], factors[1])
  }

  /// libtorch's fused softmax attention, without dropout.
  ///
  /// Shapes: query `[…, S, D]`, key `[…, T, D]`, value `[…, T, V]`, mask `[…, S, T]` (Bool, true
  /// where a query may attend, or added to the logits) → `[…, S, V]`.
  public static func fusedAttention(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor? = nil, causal: Bool = false
  ) throws(TorchError) -> Tensor {
    try Operators.attention(
      .tensor(query), .tensor(key), .tensor(value), mask.map(Argument.tensor) ?? .none,
      .number(0), .truth(causal))
  }

  /// The mean of −log softmax at the classes that are right, of rank 0.
  ///
  /// Shapes: logits `[B, C]`, classes `[B]` of integers below C.
  public func crossEntropy(_ classes: Tensor) throws(TorchError) -> Tensor {
    try Operators.crossEntropy.call(self, classes)
  }
}
