internal import Foundation
internal import Support

/// A file that grows at its end and survives a crash: what was written after a checkpoint is cut off
/// before it is written again.
final class AppendedFile {
  /// The beginning of a file that a checkpoint refers to.
  struct Mark: Codable, Equatable {
    var length = 0
    var hash = fingerprint([UInt8]())
  }

  let path: String
  private(set) var length: Int
  private let descriptor: Int32

  /// Opens a file, or makes it.
  ///
  /// - `kept`: the beginning after which it is cut; nil for all of it. A file that is gone begins
  ///   again.
  /// - Throws: `ArenaError` for a file with another beginning.
  init(_ path: String, keeping kept: Mark? = nil) throws {
    self.path = path
    let isGone = !fileExists(path)
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    length = 0
    guard descriptor >= 0 else { throw Self.failure(path) }
    length = Int(lseek(descriptor, 0, SEEK_END))
    guard let kept, !isGone else { return }
    guard try kept == Mark() || kept == mark(kept.length) else {
      throw ArenaError(
        "\(path) was changed or cut short after the checkpoint that the training goes on from: put "
          + "the old file back, or remove this one to go on without the lines before")
    }
    if kept.length < length {
      guard ftruncate(descriptor, off_t(kept.length)) == 0 else { throw Self.failure(path) }
      length = kept.length
    }
  }

  /// What the file is now.
  var mark: Mark { get throws { try mark(length) } }

  private func mark(_ length: Int) throws -> Mark {
    let bytes = try readFile(path).prefix(length)
    return Mark(length: bytes.count, hash: fingerprint(bytes))
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Refuses to share the file with another process.
  func lock(_ purpose: String) throws {
    // Who looks whether there is a lock has one for a moment.
    for _ in 0..<5 {
      guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
      usleep(20_000)
    }
    throw ArenaError("another process \(purpose)")
  }

  /// Whether a process has locked a file.
  static func isLocked(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
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
