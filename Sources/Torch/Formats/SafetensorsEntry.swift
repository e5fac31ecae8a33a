/// A tensor of a safetensors file: its type, its shape and its elements, row-major, little-endian.
public struct SafetensorsEntry: Sendable, Hashable {
  /// The type of the elements.
  public let dtype: SafetensorsType
  /// The size of each dimension; empty for a scalar.
  public let shape: [Int]
  /// The elements. A slice, so that the tensors of a file share one block of memory; it need not
  /// start at a multiple of the element's size.
  public let bytes: ArraySlice<UInt8>

  /// Makes an entry.
  ///
  /// - Throws: `SafetensorsError` if a dimension is negative, the number of bytes is not that of
  ///   the shape, or a truth value is neither 0 nor 1.
  public init(
    dtype: SafetensorsType, shape: [Int], bytes: ArraySlice<UInt8>
  ) throws(SafetensorsError) {
    guard let size = dtype.byteCount(of: shape) else {
      throw SafetensorsError(
        file: "", message: "the shape \(shape) has a negative dimension or is too large")
    }
    guard size == bytes.count else {
      throw SafetensorsError(
        file: "",
        message: "\(dtype.rawValue) of shape \(shape) takes \(size) bytes, got \(bytes.count)")
    }
    self.dtype = dtype
    self.shape = shape
    self.bytes = bytes
    if dtype == .bool, let wrong = bytes.firstIndex(where: { $0 > 1 }) {
      throw SafetensorsError(
        file: "",
        message:
          "a truth value must be 0 or 1, got \(bytes[wrong]) at byte \(wrong - bytes.startIndex)"
      )
    }
  }

  /// Makes an entry of an array of bytes.
  ///
  /// - Throws: `SafetensorsError` as above.
  public init(dtype: SafetensorsType, shape: [Int], bytes: [UInt8]) throws(SafetensorsError) {
    try self.init(dtype: dtype, shape: shape, bytes: bytes[...])
  }

  /// The number of elements.
  public var count: Int { bytes.count / dtype.byteCount }
}
