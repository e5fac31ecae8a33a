/// The type of the elements of a tensor in a safetensors file; its raw value is the word in the file.
public enum SafetensorsType: String, CaseIterable, Hashable, Sendable {
  /// Double precision, 64 bits.
  case float64 = "F64"
  /// Single precision, 32 bits.
  case float32 = "F32"
  /// The upper half of single precision, 16 bits.
  case bfloat16 = "BF16"
  /// Half precision, 16 bits.
  case float16 = "F16"
  /// Signed integers of 64 bits.
  case int64 = "I64"
  /// Signed integers of 32 bits.
  case int32 = "I32"
  /// Signed integers of 16 bits.
  case int16 = "I16"
  /// Signed integers of 8 bits.
  case int8 = "I8"
  /// Unsigned integers of 8 bits.
  case uint8 = "U8"
  /// Truth values, a byte of 0 or 1 each.
  case bool = "BOOL"

  /// The size of an element, in bytes.
  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .bfloat16, .float16, .int16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// The size of a tensor of a shape, in bytes; nil if a dimension is negative or the size, with
  /// empty dimensions counted as one, overflows an `Int`.
  func byteCount(of shape: [Int]) -> Int? {
    var size = byteCount
    for dimension in shape {
      // The strides of an empty tensor must be computable, too.
      let (product, overflows) = size.multipliedReportingOverflow(by: max(dimension, 1))
      if dimension < 0 || overflows { return nil }
      size = product
    }
    return shape.contains(0) ? 0 : size
  }
}
