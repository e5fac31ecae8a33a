// The searches that touch every byte of every file use the C library, whose loops are fast in debug
// builds of this tool as well, and that is how a build runs it.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The first offset at or after `start` that holds `byte`.
func firstOffset(
  of byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from start: Int
) -> Int? {
  guard let base = bytes.baseAddress, start < bytes.count else { return nil }
  guard let found = memchr(base + start, Int32(byte), bytes.count - start) else { return nil }
  return UnsafeRawPointer(found) - UnsafeRawPointer(base)
}

/// Whether `word`, which is not empty, occurs anywhere.
func contains(_ word: [UInt8], in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  guard let base = bytes.baseAddress else { return false }
  var start = 0
  while let offset = firstOffset(of: word[0], in: bytes, from: start) {
    if offset + word.count > bytes.count { return false }
    if memcmp(base + offset, word, word.count) == 0 { return true }
    start = offset + 1
  }
  return false
}

/// The offset of the first byte that is not UTF-8, or `nil`.
func firstInvalidOffset(in bytes: [UInt8]) -> Int? {
  // Decoding repairs what is wrong, so a text that comes back unchanged was right.
  var text = String(decoding: bytes, as: UTF8.self)
  return text.withUTF8 { repaired -> Int? in
    bytes.withUnsafeBufferPointer { original -> Int? in
      guard let a = original.baseAddress, let b = repaired.baseAddress else { return nil }
      if original.count == repaired.count, memcmp(a, b, original.count) == 0 { return nil }
      return zip(original, repaired).enumerated().first { $1.0 != $1.1 }?.offset
        ?? min(original.count, repaired.count)
    }
  }
}
