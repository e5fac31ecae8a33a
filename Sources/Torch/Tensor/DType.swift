/// The type of the elements of a tensor.
public enum DType: String, Sendable, CaseIterable, Codable, CustomStringConvertible {
  /// IEEE double precision.
  case float64 = "f64"
  /// IEEE single precision.
  case float32 = "f32"
  /// The upper half of single precision.
  case bfloat16 = "bf16"
  /// IEEE half precision.
  case float16 = "f16"
  /// Signed 64-bit integers.
  case int64 = "i64"
  /// Signed 32-bit integers.
  case int32 = "i32"
  /// Signed 16-bit integers.
  case int16 = "i16"
  /// Signed 8-bit integers.
  case int8 = "i8"
  /// Unsigned 8-bit integers.
  case uint8 = "u8"
  /// Truth values.
  case bool

  /// The floating types, from the widest to the narrowest.
  public static let floating: [DType] = [.float64, .float32, .bfloat16, .float16]

  /// Whether elements have a fraction.
  public var isFloating: Bool { Self.floating.contains(self) }

  /// The size of an element, in bytes.
  public var size: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .bfloat16, .float16, .int16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// The unit roundoff of a floating type, 0 for others.
  public var unitRoundoff: Double {
    switch self {
    case .float64: 0x1p-53
    case .float32: 0x1p-24
    case .float16: 0x1p-11
    case .bfloat16: 0x1p-8
    default: 0
    }
  }

  /// The largest finite number of a floating type, 0 for others.
  public var greatestFiniteMagnitude: Double {
    switch self {
    case .float64: Double.greatestFiniteMagnitude
    case .float32: Double(Float.greatestFiniteMagnitude)
    case .float16: 65504
    case .bfloat16: 0x1.FEp127
    default: 0
    }
  }

  /// The smallest positive normal number of a floating type, 0 for others.
  public var leastNormalMagnitude: Double {
    switch self {
    case .float64: Double.leastNormalMagnitude
    case .float32, .bfloat16: Double(Float.leastNormalMagnitude)
    case .float16: 0x1p-14
    default: 0
    }
  }

  /// The word used in reports, configurations and cells.
  public var description: String { rawValue }

  /// The number of the type in c10::ScalarType.
  var scalarType: Int32 {
    switch self {
    case .uint8: 0
    case .int8: 1
    case .int16: 2
    case .int32: 3
    case .int64: 4
    case .float16: 5
    case .float32: 6
    case .float64: 7
    case .bool: 11
    case .bfloat16: 15
    }
  }

  /// The type with a number of c10::ScalarType.
  init?(scalarType: Int32) {
    guard let type = Self.allCases.first(where: { $0.scalarType == scalarType }) else { return nil }
    self = type
  }
}
