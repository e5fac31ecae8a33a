internal import Foundation

/// A file that grows at its end and survives a crash: what was written after a checkpoint is cut off
/// before it is written again.
final class AppendedFile {
  let path: String
  private(set) var length: Int
  private let descriptor: Int32

  /// Opens a file, or makes it.
  ///
  /// - `kept`: the length to which it is cut if it is longer; nil for all of it.
  init(_ path: String, keeping kept: Int? = nil) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    length = 0
    guard descriptor >= 0 else { throw Self.failure(path) }
    length = Int(lseek(descriptor, 0, SEEK_END))
    if let kept, kept < length {
      guard ftruncate(descriptor, off_t(kept)) == 0 else { throw Self.failure(path) }
      length = kept
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Refuses to share the file with another process.
  func lock(_ purpose: String) throws {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      throw ArenaError("another process \(purpose)")
    }
  }

  func append(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(path) }
      rest = rest.dropFirst(count)
    }
    length += bytes.count
  }

  func append(line: String) throws { try append(Array((line + "\n").utf8)) }

  /// Waits until everything is on the disk.
  func sync() throws { guard fsync(descriptor) == 0 else { throw Self.failure(path) } }

  private static func failure(_ path: String) -> ArenaError {
    ArenaError("\(path) cannot be written: \(String(cString: strerror(errno)))")
  }
}
