// Searches over every byte of every file use the C library, which is faster than loops in Swift.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The first offset of `word`, which is not empty, at or after `start`.
func firstOffset(
  of word: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0
) -> Int? {
  guard let base = bytes.baseAddress else { return nil }
  let pivot = word.indices.max { rarity(word[$0]) < rarity(word[$1]) }!
  var offset = start
  while offset + word.count <= bytes.count {
    let room = bytes.count - offset - word.count + 1
    guard let found = memchr(base + offset + pivot, Int32(word[pivot]), room) else { return nil }
    offset = UnsafeRawPointer(found) - UnsafeRawPointer(base) - pivot
    if memcmp(base + offset, word, word.count) == 0 { return offset }
    offset += 1
  }
  return nil
}

/// How rare a byte is in source: lower-case letters by English frequency, then the rest.
private func rarity(_ byte: UInt8) -> Int {
  let letters = Array("etaoinsrhldcumfpgwybvkxjqz".utf8)
  return letters.firstIndex(of: byte) ?? letters.count
}

/// The offset of the first byte that is not UTF-8, or `nil`.
func firstInvalidOffset(in bytes: [UInt8]) -> Int? {
  // Decoding replaces invalid bytes, so text that comes back unchanged was valid.
  var text = String(decoding: bytes, as: UTF8.self)
  return text.withUTF8 { repaired -> Int? in
    bytes.withUnsafeBufferPointer { original -> Int? in
      guard let a = original.baseAddress, let b = repaired.baseAddress else { return nil }
      if original.count == repaired.count, memcmp(a, b, original.count) == 0 { return nil }
      let difference = zip(original, repaired).enumerated().first { $1.0 != $1.1 }?.offset
      let end = difference ?? min(original.count, repaired.count)
      // The replacement may share its first bytes with what it replaces.
      return (max(0, end - 2)...end).last { start in
        repaired[start...].starts(with: "\u{FFFD}".utf8)
      } ?? end
    }
  }
}
