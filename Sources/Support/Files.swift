// Loading Foundation would take longer than most runs of the generator.
#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Why a file could not be read or written.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path of the file, as given.
  public let path: String
  /// What is wrong, as a phrase that follows the path: `is a folder, not a file`.
  public let reason: String

  /// The path and what is wrong with it.
  public var description: String { path.isEmpty ? "a path \(reason)" : "\(path) \(reason)" }

  init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  /// The system's error for the call that just failed.
  static func system(_ path: String, _ attempt: String) -> FileError {
    let reason = String(cString: strerror(errno))
    // The system reports a missing folder as if the file were missing.
    let isLost = errno == ENOENT && !isFolder(folder(of: path)) && attempt == cannotBeWritten
    return FileError(
      path, isLost ? "\(attempt): there is no folder \(folder(of: path))" : "\(attempt): \(reason)")
  }

  static func notFile(_ path: String) -> FileError { FileError(path, "is a folder, not a file") }
}

private let cannotBeWritten = "cannot be written"

private func checkPath(_ path: String) throws(FileError) {
  guard !path.isEmpty else { throw FileError(path, "may not be empty") }
  guard !path.utf8.contains(0) else { throw FileError("", "may not contain a zero byte") }
}

private func kind(_ status: stat) -> mode_t { status.st_mode & S_IFMT }

/// Whether there is a folder at a path.
public func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && kind(status) == S_IFDIR
}

/// The names in a folder, sorted.
///
/// - Throws: `FileError` that names the folder.
public func names(inFolder path: String) throws(FileError) -> [String] {
  try checkPath(path)
  guard let stream = opendir(path) else { throw .system(path, "cannot be opened") }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// Removes a file if there is one.
///
/// - Throws: `FileError` that names the file.
public func removeFile(_ path: String) throws(FileError) {
  guard unlink(path) == 0 || errno == ENOENT else { throw .system(path, "cannot be removed") }
}

/// The folder of a file.
public func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Whether there is anything at a path.
public func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// The content of a file, which may be a pipe or a device.
///
/// - Throws: `FileError` that names the file.
public func readFile(_ path: String) throws(FileError) -> [UInt8] {
  try checkPath(path)
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .system(path, "cannot be opened") }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw .system(path, "cannot be examined") }
  guard kind(status) != S_IFDIR else { throw .notFile(path) }
  // One byte more than expected, to see the end without growing the array.
  var bytes = [UInt8](repeating: 0, count: max(0, Int(status.st_size)) + 1)
  var count = 0
  while true {
    if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: count + 4_096)) }
    let start = count
    let received = bytes.withUnsafeMutableBytes {
      read(descriptor, $0.baseAddress.map { $0 + start }, $0.count - start)
    }
    if received < 0, errno == EINTR { continue }
    guard received >= 0 else { throw .system(path, "cannot be read") }
    if received == 0 { break }
    count += received
  }
  bytes.removeLast(bytes.count - count)
  return bytes
}

/// Writes a file atomically: readers and interrupted runs see the old file or the new one, whole.
///
/// Devices, pipes and links are written to instead of replaced.
///
/// - `makingFolders`: whether to create missing folders.
/// - Throws: `FileError` that names the file.
public func writeFile(
  _ path: String, _ chunks: [ArraySlice<UInt8>], makingFolders: Bool = false
) throws(FileError) {
  try checkPath(path)
  guard !isFolder(path) else { throw .notFile(path) }
  if makingFolders { try makeFolder(folder(of: path)) }
  var status = stat()
  let isThere = lstat(path, &status) == 0
  guard !isThere || kind(status) == S_IFREG else {
    let descriptor = try create(path, O_TRUNC, as: path)
    guard chunks.allSatisfy({ $0.withUnsafeBytes { writeAll($0, to: descriptor) } }) else {
      let problem = FileError.system(path, cannotBeWritten)
      close(descriptor)
      throw problem
    }
    return try finish(descriptor, as: path)
  }
  let writer = try FileWriter(path)
  for chunk in chunks {
    try chunk.withUnsafeBufferPointer { (bytes) throws(FileError) in
      try writer.write(UnsafeRawBufferPointer(bytes))
    }
  }
  try writer.commit()
}

/// Writes text, as `writeFile` writes bytes.
///
/// - Throws: `FileError` that names the file.
public func writeFile(
  _ path: String, _ text: String, makingFolders: Bool = false
) throws(FileError) {
  try writeFile(path, [Array(text.utf8)[...]], makingFolders: makingFolders)
}

/// A file that is written piece by piece, and appears whole or not at all.
public final class FileWriter {
  private let path: String
  private let part: String
  private let descriptor: Int32
  private var isClosed = false
  private var isInPlace = false

  /// Starts a file that will replace the one at a path.
  ///
  /// - `makingFolders`: whether to create missing folders.
  /// - Throws: `FileError` that names the file.
  public init(_ path: String, makingFolders: Bool = false) throws(FileError) {
    try checkPath(path)
    guard !isFolder(path) else { throw .notFile(path) }
    if makingFolders { try makeFolder(folder(of: path)) }
    self.path = path
    part = "\(path).\(getpid())-\(String(UInt32.random(in: 0...(.max)), radix: 36)).part"
    descriptor = try create(part, O_EXCL, as: path)
  }

  deinit {
    if !isClosed { close(descriptor) }
    if !isInPlace { unlink(part) }
  }

  /// Writes bytes at the end, or over those at an offset.
  ///
  /// - Throws: `FileError` that names the file.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int? = nil) throws(FileError) {
    guard writeAll(bytes, to: descriptor, at: offset) else { throw .system(path, cannotBeWritten) }
  }

  /// Puts the file in place, with the mode of the one that it replaces.
  ///
  /// - Throws: `FileError` that names the file.
  public func commit() throws(FileError) {
    isClosed = true
    try finish(descriptor, as: path)
    var status = stat()
    guard lstat(path, &status) != 0 || chmod(part, status.st_mode & 0o7777) == 0,
      rename(part, path) == 0
    else { throw .system(path, "cannot be put in place") }
    isInPlace = true
  }
}

/// Creates or opens a file for writing; errors name the path that it stands in for.
private func create(_ file: String, _ flag: Int32, as path: String) throws(FileError) -> Int32 {
  let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | flag, 0o666)
  guard descriptor >= 0 else { throw .system(path, cannotBeWritten) }
  return descriptor
}

/// Makes sure that everything is on the disk, and closes.
private func finish(_ descriptor: Int32, as path: String) throws(FileError) {
  // Pipes and devices cannot be synced.
  let isSynced = fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS
  let problem = FileError.system(path, cannotBeWritten)
  guard close(descriptor) == 0, isSynced else {
    throw isSynced ? .system(path, cannotBeWritten) : problem
  }
}

/// Makes a folder and those above it, unless it exists.
///
/// - Throws: `FileError` that names the folder.
public func makeFolder(_ path: String) throws(FileError) {
  guard !isFolder(path) else { return }
  try makeFolder(folder(of: path))
  guard mkdir(path, 0o777) == 0 || isFolder(path) else {
    throw errno == EEXIST
      ? FileError(path, "is a file, not a folder") : .system(path, "cannot be created")
  }
}

/// Prints a message and a newline to standard error.
public func printError(_ message: String) {
  _ = Array((message + "\n").utf8).withUnsafeBytes { writeAll($0, to: 2) }
}

private func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int? = nil
) -> Bool {
  var done = 0
  while done < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
    let written =
      if let offset {
        pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      } else {
        write(descriptor, rest.baseAddress, rest.count)
      }
    if written < 0, errno == EINTR { continue }
    guard written > 0 else { return false }
    done += written
  }
  return true
}

/// A regular file open for reading.
///
/// It is read rather than mapped: truncating a mapped file would crash the process.
public struct FileReader: ~Copyable, Sendable {
  /// The size when it was opened, in bytes.
  public let size: Int
  private let path: String
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Throws: `FileError` if it is not a regular file or cannot be opened.
  public init(_ path: String) throws(FileError) {
    try checkPath(path)
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path, "cannot be opened") }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let problem = FileError.system(path, "cannot be examined")
      close(descriptor)
      throw problem
    }
    guard kind(status) == S_IFREG else {
      close(descriptor)
      throw kind(status) == S_IFDIR ? .notFile(path) : FileError(path, "is not a regular file")
    }
    self.size = Int(status.st_size)
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Reads exactly this many bytes; the caller stays within `size`.
  ///
  /// - Throws: `FileError` that names the file.
  public func read(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    var problem: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + filled }, count - filled,
          off_t(offset + filled))
        if got < 0 && errno == EINTR { continue }
        if got <= 0 {
          problem =
            got < 0
            ? .system(path, "cannot be read") : FileError(path, "was truncated while being read")
          return
        }
        filled += got
      }
    }
    if let problem { throw problem }
    return bytes
  }
}
