extension Tensor {
  /// The exponential of each element.
  public func exp() throws(TorchError) -> Tensor { try Operators.exp.call(self) }

  /// The natural logarithm of each element.
  public func log() throws(TorchError) -> Tensor { try Operators.log.call(self) }

  /// The square root of each element.
  public func sqrt() throws(TorchError) -> Tensor { try Operators.sqrt.call(self) }

  /// The sine of each element, in radians.
  public func sin() throws(TorchError) -> Tensor { try Operators.sin.call(self) }

  /// The cosine of each element, in radians.
  public func cos() throws(TorchError) -> Tensor { try Operators.cos.call(self) }

  /// The magnitude of each element.
  public func abs() throws(TorchError) -> Tensor { try Operators.abs.call(self) }

  /// The positive part of each element.
  public func relu() throws(TorchError) -> Tensor { try Operators.relu.call(self) }

  /// The positive part, and a small slope below zero.
  public func leakyRelu(slope: Double) throws(TorchError) -> Tensor {
    try Operators.leakyRelu.call(self, slope)
  }

  /// x·Φ(x) with the exact normal distribution function ([Hendrycks and Gimpel,
  /// 2016](https://arxiv.org/abs/1606.08415)).
  public func gelu() throws(TorchError) -> Tensor { try Operators.gelu.call(self) }

  /// x·σ(x) with the logistic function σ ([Elfwing et al.,
  /// 2017](https://arxiv.org/abs/1702.03118)).
  public func silu() throws(TorchError) -> Tensor { try Operators.silu.call(self) }

  /// The error function 2/√π ∫₀ˣ exp(−t²) dt of each element.
  public func erf() throws(TorchError) -> Tensor { try Operators.erf.call(self) }

  /// Each element limited to two bounds; nil is no bound.
  public func clamp(_ low: Double?, _ high: Double?) throws(TorchError) -> Tensor {
    try Operators.clamp(
      .tensor(self), low.map(Argument.number) ?? .none, high.map(Argument.number) ?? .none)
  }

  /// A copy with a number in place of the elements where the mask is true; the mask broadcasts.
  public func filled(_ value: Double, where mask: Tensor) throws(TorchError) -> Tensor {
    try Operators.maskedFill(.tensor(self), .tensor(mask), .number(value))
  }

  /// The first tensor's elements where this mask is true, the second's elsewhere.
  public func select(_ yes: Tensor, else no: Tensor) throws(TorchError) -> Tensor {
    try Operators.whereSelf(.tensor(self), .tensor(yes), .tensor(no))
  }

  /// Whether elements are equal; shapes broadcast.
  public func equals(_ other: Tensor) throws(TorchError) -> Tensor {
    try Operators.equal.call(self, other)
  }

  /// Whether elements equal a number.
  public func equals(_ value: Double) throws(TorchError) -> Tensor {
    try Operators.equalScalar.call(self, value)
  }

  /// Whether elements are below those of another tensor.
  public static func .< (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try Operators.less.call(a, b)
  }

  /// Whether elements are below a number.
  public static func .< (a: Tensor, b: Double) throws(TorchError) -> Tensor {
    try Operators.lessScalar.call(a, b)
  }

  /// Whether elements are at most those of another tensor.
  public static func .<= (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try Operators.lessEqual.call(a, b)
  }

  /// Whether elements are at most a number.
  public static func .<= (a: Tensor, b: Double) throws(TorchError) -> Tensor {
    try Operators.lessEqualScalar.call(a, b)
  }

  /// Whether elements are above a number.
  public static func .> (a: Tensor, b: Double) throws(TorchError) -> Tensor {
    try Operators.greaterScalar.call(a, b)
  }

  /// Whether both elements are true.
  public static func .& (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try Operators.and.call(a, b)
  }

  /// Whether at least one of the two elements is true.
  public static func .| (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try Operators.or.call(a, b)
  }

  /// Whether elements are false.
  public static prefix func .! (a: Tensor) throws(TorchError) -> Tensor {
    try Operators.not.call(a)
  }

  /// Whether elements are NaN.
  public func isNaN() throws(TorchError) -> Tensor { try Operators.isNaN.call(self) }

  /// Whether elements are neither infinite nor NaN.
  public func isFinite() throws(TorchError) -> Tensor { try Operators.isFinite.call(self) }
}

prefix operator .!
