internal import CPNG
internal import CXXHash
internal import Foundation
internal import Support

/// The content of a file: mapped into memory, or unpacked into it if gzip has packed it.
final class FileBytes: Sendable {
  /// The path, for messages.
  let path: String
  /// The content, for as long as this object lives; never changed.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
  private let isMapped: Bool

  /// Opens a file, and unpacks it if it begins as gzip files do.
  ///
  /// - Throws: `FileError` or `ArenaError` that names the file.
  init(_ path: String) throws {
    self.path = path
    // The reader knows which errors there are.
    let reader = try FileReader(path)
    guard reader.size > 0 else {
      (bytes, isMapped) = (UnsafeRawBufferPointer(start: nil, count: 0), false)
      return
    }
    if try reader.read(min(2, reader.size), at: 0) == [0x1F, 0x8B] {
      (bytes, isMapped) = (try Self.unpacked(path), false)
      return
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    let start = mmap(nil, reader.size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let start, start != MAP_FAILED else {
      throw ArenaError("\(path) cannot be mapped: \(String(cString: strerror(errno)))")
    }
    (bytes, isMapped) = (UnsafeRawBufferPointer(start: start, count: reader.size), true)
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    } else {
      bytes.deallocate()
    }
  }

  /// The text up to the first line feed.
  var firstLine: String { String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self) }

  private static func unpacked(_ path: String) throws -> UnsafeRawBufferPointer {
    guard let file = gzopen(path, "rb") else { throw ArenaError("\(path) cannot be opened") }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    var count: Int32
    repeat {
      count = gzread(file, &chunk, UInt32(chunk.count))
      content += chunk.prefix(Int(max(0, count)))
    } while count > 0
    guard gzclose_r(file) == Z_OK, count == 0 else {
      throw ArenaError("\(path) is damaged or truncated: it cannot be unpacked")
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: content.count, alignment: 8)
    buffer.copyBytes(from: content)
    return UnsafeRawBufferPointer(buffer)
  }
}

/// The 64-bit hash of bytes, XXH3.
func hash64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  XXH3_64bits(bytes.baseAddress, bytes.count)
}

/// XXH3 over data that arrives in pieces.
struct ContentHash: ~Copyable {
  private let state: OpaquePointer

  init() {
    guard let state = XXH3_createState() else { preconditionFailure("out of memory for XXH3") }
    self.state = state
    _ = XXH3_128bits_reset(state)
  }

  deinit { _ = XXH3_freeState(state) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    _ = XXH3_128bits_update(state, bytes.baseAddress, bytes.count)
  }

  func update(_ text: String) { Array(text.utf8).withUnsafeBytes { update($0) } }

  /// 32 hexadecimal digits.
  var digits: String {
    let hash = XXH3_128bits_digest(state)
    return [hash.high64, hash.low64].map { half in
      let digits = String(half, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
