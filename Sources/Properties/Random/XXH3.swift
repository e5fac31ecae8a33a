import CXXHash

/// XXH3, the hash that names seeds, schemas and stored files.
public enum XXH3 {
  /// The 64-bit hash of some bytes.
  public static func hash64(_ bytes: some Sequence<UInt8>) -> UInt64 {
    withContiguousBytes(bytes) { XXH3_64bits($0.baseAddress, $0.count) }
  }

  /// The 64-bit hash of a text's UTF-8.
  public static func hash64(_ text: String) -> UInt64 { hash64(text.utf8) }

  /// The 64-bit hash of bytes in memory.
  public static func hash64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    XXH3_64bits(bytes.baseAddress, bytes.count)
  }

  /// The 128-bit hash of some bytes.
  public static func hash128(_ bytes: some Sequence<UInt8>) -> Hash128 {
    withContiguousBytes(bytes) { Hash128(XXH3_128bits($0.baseAddress, $0.count)) }
  }

  /// The 128-bit hash of a text's UTF-8.
  public static func hash128(_ text: String) -> Hash128 { hash128(text.utf8) }

  /// The 128-bit hash of bytes in memory.
  public static func hash128(_ bytes: UnsafeRawBufferPointer) -> Hash128 {
    Hash128(XXH3_128bits(bytes.baseAddress, bytes.count))
  }

  private static func withContiguousBytes<Result>(
    _ bytes: some Sequence<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    bytes.withContiguousStorageIfAvailable(body) ?? Array(bytes).withUnsafeBufferPointer(body)
  }
}

/// A 128-bit hash.
public struct Hash128: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The upper half.
  public let high: UInt64
  /// The lower half.
  public let low: UInt64

  /// A hash from its halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  init(_ hash: XXH128_hash_t) {
    self.init(high: hash.high64, low: hash.low64)
  }

  /// The order of the hashes as numbers.
  public static func < (a: Self, b: Self) -> Bool {
    (a.high, a.low) < (b.high, b.low)
  }

  /// 32 hexadecimal digits, the upper half first.
  public var description: String { high.paddedHex + low.paddedHex }
}

extension UInt64 {
  /// 16 hexadecimal digits.
  public var paddedHex: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
