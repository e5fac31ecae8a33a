public import JSON
internal import Properties
public import Torch

/// The hashes of fixtures.
public enum FixtureHash {
  /// The hash of tensors as values, independent of the order and padding of a file.
  ///
  /// Tensors sorted by name; for each, the name's length (32 bits), its UTF-8, the code of the type
  /// (8 bits), the rank (8 bits), the dimensions (64 bits each) and the elements, row-major, all
  /// little-endian. −0 stays; every NaN counts as the canonical one.
  ///
  /// - `allowsNaN`: whether elements may be NaN.
  /// - Throws: `KitError` for a NaN that is not allowed.
  public static func content(
    _ tensors: [String: SafetensorsEntry], allowsNaN: Bool = false
  ) throws -> String {
    var stream = XXH3Stream()
    let ordered = tensors.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    for (name, entry) in ordered {
      stream.update(littleEndian(name.utf8.count, bytes: 4))
      stream.update(name)
      stream.update([entry.dtype.fixtureCode, UInt8(truncatingIfNeeded: entry.shape.count)])
      for length in entry.shape { stream.update(littleEndian(length, bytes: 8)) }
      stream.update(try canonical(entry, name, allowsNaN))
    }
    return stream.hash128.description
  }

  /// The hash of everything that determines a case.
  ///
  /// - Throws: `JSONError` for a number that JSON cannot express.
  public static func recipe(_ recipe: JSON) throws -> String {
    XXH3.hash128(try recipe.text(.canonical)).description
  }

  /// The hash of a folder's cases.
  static func manifest(_ cases: [(name: String, recipe: String, content: String)]) -> String {
    let lines = cases.map { "\($0.name)\t\($0.recipe)\t\($0.content)\n" }
    return XXH3.hash128(lines.sorted().joined()).description
  }

  private static func littleEndian(_ number: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }

  private static func canonical(_ entry: SafetensorsEntry, _ name: String, _ allowsNaN: Bool)
    throws -> [UInt8]
  {
    var bytes = Array(entry.bytes)
    guard let format = entry.dtype.floatingFormat else { return bytes }
    let width = entry.dtype.byteCount
    for start in stride(from: 0, to: bytes.count, by: width) {
      let pattern = (0..<width).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << ($1 * 8) }
      let isNaN = pattern & format.exponent == format.exponent && pattern & format.fraction != 0
      guard isNaN else { continue }
      guard allowsNaN else {
        throw KitError(
          "tensor `\(name)` has a NaN at element \(start / width), which is not declared")
      }
      let quiet = format.exponent | (format.fraction + 1) >> 1
      for place in 0..<width {
        bytes[start + place] = UInt8(truncatingIfNeeded: quiet >> (place * 8))
      }
    }
    return bytes
  }
}

extension SafetensorsType {
  /// The type in canonical bytes; a number is never reused.
  fileprivate var fixtureCode: UInt8 {
    switch self {
    case .float64: 1
    case .float32: 2
    case .bfloat16: 3
    case .float16: 4
    case .int64: 5
    case .int32: 6
    case .int16: 7
    case .int8: 8
    case .uint8: 9
    case .bool: 10
    }
  }

  /// The bits of exponent and fraction, for a floating type.
  fileprivate var floatingFormat: (exponent: UInt64, fraction: UInt64)? {
    switch self {
    case .float64: (0x7FF0_0000_0000_0000, 0x000F_FFFF_FFFF_FFFF)
    case .float32: (0x7F80_0000, 0x007F_FFFF)
    case .bfloat16: (0x7F80, 0x007F)
    case .float16: (0x7C00, 0x03FF)
    default: nil
    }
  }
}
