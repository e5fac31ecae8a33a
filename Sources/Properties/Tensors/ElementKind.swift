/// The kind of number a tensor holds, as far as a recipe must know it.
public enum ElementKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// IEEE 754 binary64.
  case f64
  /// IEEE 754 binary32.
  case f32
  /// bfloat16: the upper half of a binary32.
  case bf16
  /// IEEE 754 binary16.
  case f16
  /// True and false, as 1 and 0.
  case boolean

  /// The largest finite value.
  public var greatestFinite: Double {
    switch self {
    case .f64: .greatestFiniteMagnitude
    case .f32: Double(Float.greatestFiniteMagnitude)
    case .bf16: 0x1.FEp127
    case .f16: 65504
    case .boolean: 1
    }
  }

  /// The smallest positive normal value.
  public var leastNormal: Double {
    switch self {
    case .f64: .leastNormalMagnitude
    case .f32, .bf16: 0x1p-126
    case .f16: 0x1p-14
    case .boolean: 1
    }
  }
}
