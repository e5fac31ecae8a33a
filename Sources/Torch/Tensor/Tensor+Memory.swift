internal import CTorch

extension Tensor {
  /// Copies numbers into a new tensor, row-major.
  ///
  /// - Throws: `TorchError` when the count of the values is not that of the shape.
  public convenience init(_ values: [Double], shape: [Int], dtype: DType = .float64)
    throws(TorchError)
  {
    let handle = try Self.load(values, shape, .float64)
    guard dtype != .float64 else {
      self.init(owning: handle)
      return
    }
    let wide = Tensor(owning: handle)
    self.init(sharing: try wide.to(dtype))
  }

  /// Another owner of the same tensor.
  convenience init(sharing tensor: Tensor) {
    self.init(owning: withExtendedLifetime(tensor) { ct_tensor_retain(tensor.handle) })
  }

  /// Copies numbers into a new single-precision tensor, row-major.
  public convenience init(_ values: [Float], shape: [Int]) throws(TorchError) {
    self.init(owning: try Self.load(values, shape, .float32))
  }

  /// Copies integers into a new tensor, row-major.
  public convenience init(_ values: [Int], shape: [Int]) throws(TorchError) {
    self.init(owning: try Self.load(values.map(Int64.init), shape, .int64))
  }

  /// Copies truth values into a new tensor, row-major.
  public convenience init(_ values: [Bool], shape: [Int]) throws(TorchError) {
    self.init(owning: try Self.load(values.map { UInt8($0 ? 1 : 0) }, shape, .bool))
  }

  /// Copies packed little-endian elements into a new tensor, row-major.
  public convenience init(bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType)
    throws(TorchError)
  {
    try Self.checkShape(shape)
    var out: OpaquePointer?
    let status = ct_tensor_from_memory(
      bytes.baseAddress, Int64(bytes.count), shape.map(Int64.init), Int64(shape.count),
      dtype.scalarType, &out)
    try check(status, "tensor from memory")
    self.init(owning: out!)
  }

  private static func load<Element>(_ values: [Element], _ shape: [Int], _ dtype: DType)
    throws(TorchError) -> OpaquePointer
  {
    try checkShape(shape)
    guard shape.reduce(1, *) == values.count else {
      throw TorchError(
        operation: "tensor from memory",
        message: "the shape \(shape) has \(shape.reduce(1, *)) elements, got \(values.count)")
    }
    var out: OpaquePointer?
    let status = values.withUnsafeBytes {
      ct_tensor_from_memory(
        $0.baseAddress, Int64($0.count), shape.map(Int64.init), Int64(shape.count),
        dtype.scalarType, &out)
    }
    try check(status, "tensor from memory")
    return out!
  }

  private static func checkShape(_ shape: [Int]) throws(TorchError) {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else {
        throw TorchError(operation: "tensor from memory", message: "\(shape) is not a valid shape")
      }
      count = product
    }
  }

  /// The elements of any type as numbers, row-major.
  public func doubles() throws(TorchError) -> [Double] {
    try (dtype == .float64 ? self : to(.float64)).copy(zero: Double(0))
  }

  /// The elements as integers, row-major; fractions are cut off.
  public func integers() throws(TorchError) -> [Int] {
    try (dtype == .int64 ? self : to(.int64)).copy(zero: Int64(0)).map(Int.init)
  }

  /// The elements as truth values, row-major; every number except 0 is true.
  public func booleans() throws(TorchError) -> [Bool] {
    try (dtype == .bool ? self : to(.bool)).copy(zero: UInt8(0)).map { $0 != 0 }
  }

  /// The elements as they lie in memory, row-major.
  public func bytes() throws(TorchError) -> [UInt8] {
    try copy(zero: UInt8(0), count: count * dtype.size)
  }

  /// The only element, as a number.
  public func item() throws(TorchError) -> Double {
    guard count == 1 else {
      throw TorchError(operation: "item", message: "expected one element, got the shape \(shape)")
    }
    guard let address = ct_tensor_data(handle) else { return try doubles()[0] }
    return try withExtendedLifetime(self) { () throws(TorchError) in
      switch dtype {
      case .float32: Double(address.load(as: Float.self))
      case .float64: address.load(as: Double.self)
      case .int64: Double(address.load(as: Int64.self))
      case .bool: address.load(as: UInt8.self) == 0 ? 0 : 1
      default: try doubles()[0]
      }
    }
  }

  /// The smallest and the largest of integers; there must be some.
  public func bounds() throws(TorchError) -> (low: Int, high: Int) {
    guard dtype == .int64, isContiguous, let address = ct_tensor_data(handle) else {
      return (try Int(minimum().item()), try Int(maximum().item()))
    }
    return withExtendedLifetime(self) {
      let elements = UnsafeBufferPointer(
        start: address.assumingMemoryBound(to: Int64.self), count: count)
      var (low, high) = (elements[0], elements[0])
      for element in elements { (low, high) = (min(low, element), max(high, element)) }
      return (Int(low), Int(high))
    }
  }

  private func copy<Element>(zero: Element, count given: Int? = nil) throws(TorchError) -> [Element]
  {
    var values = [Element](repeating: zero, count: given ?? count)
    let status = values.withUnsafeMutableBytes {
      ct_tensor_to_memory(handle, $0.baseAddress, Int64($0.count))
    }
    try check(status, "tensor to memory", [self])
    return values
  }
}
