/// Base 64 with the alphabet for URLs and file names, without padding.
enum Base64URL {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  private static let values: [UInt8?] = {
    var values = [UInt8?](repeating: nil, count: 256)
    for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  static func encode(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    var pending: UInt32 = 0
    var bits = 0
    for byte in bytes {
      pending = pending << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        out.append(alphabet[Int(pending >> UInt32(bits) & 63)])
      }
    }
    if bits > 0 { out.append(alphabet[Int(pending << UInt32(6 - bits) & 63)]) }
    return String(decoding: out, as: UTF8.self)
  }

  /// The bytes, or nil if a letter is foreign or the length is impossible.
  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var out: [UInt8] = []
    var pending: UInt32 = 0
    var bits = 0
    for letter in text.utf8 {
      guard let value = values[Int(letter)] else { return nil }
      pending = pending << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        out.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
      }
    }
    // A lone letter carries no byte, and spare bits must be zero.
    return bits < 6 && pending & (1 << UInt32(bits) - 1) == 0 ? out : nil
  }
}
