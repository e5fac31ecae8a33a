internal import CTorch

extension Tensor {
  /// A tensor of zeros.
  public static func zeros(_ shape: [Int], _ dtype: DType = .float32) throws(TorchError) -> Tensor {
    try full(shape, 0, dtype)
  }

  /// A tensor of ones.
  public static func ones(_ shape: [Int], _ dtype: DType = .float32) throws(TorchError) -> Tensor {
    try full(shape, 1, dtype)
  }

  /// A tensor of one number.
  public static func full(_ shape: [Int], _ value: Double, _ dtype: DType = .float32)
    throws(TorchError) -> Tensor
  {
    try Operators.full(.integers(shape), .number(value), .dtype(dtype))
  }

  /// The integers from 0 to below a bound.
  public static func range(_ count: Int, _ dtype: DType = .int64) throws(TorchError) -> Tensor {
    try Operators.arange(.integer(0), .integer(count), .integer(1), .dtype(dtype))
  }

  /// The identity matrix.
  public static func identity(_ size: Int, _ dtype: DType = .float32) throws(TorchError) -> Tensor {
    try Operators.eye(.integer(size), .integer(size), .dtype(dtype))
  }

  /// Numbers from the standard normal distribution.
  public static func normal(_ shape: [Int], _ dtype: DType = .float32, generator: Generator)
    throws(TorchError) -> Tensor
  {
    try Operators.randomNormal(.integers(shape), .generator(generator), .dtype(dtype))
  }

  /// Numbers from the uniform distribution between two bounds.
  public static func uniform(
    _ shape: [Int], _ range: Range<Double> = 0..<1, _ dtype: DType = .float32,
    generator: Generator
  ) throws(TorchError) -> Tensor {
    let unit = try Operators.randomUniform(
      .integers(shape), .generator(generator), .dtype(dtype))
    return try unit * (range.upperBound - range.lowerBound) + range.lowerBound
  }

  /// Ones with a probability, otherwise zeros, in the shape and type of this tensor.
  public func bernoulli(_ probability: Double, generator: Generator) throws(TorchError) -> Tensor {
    var out: OpaquePointer?
    let status = withExtendedLifetime((self, generator)) {
      ct_bernoulli(handle, probability, generator.handle, &out)
    }
    try check(status, "bernoulli", [self])
    return Tensor(owning: out!)
  }
}
