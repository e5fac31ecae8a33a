#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a file cannot be read or written, without its name.
struct FileProblem: Error {
  let message: String

  init(_ message: String) { self.message = message }

  /// What the system says about the call that has just failed.
  static func system(_ attempt: String) -> FileProblem {
    FileProblem("\(attempt): \(String(cString: strerror(errno)))")
  }
}

/// A regular file open for reading.
///
/// It is read rather than mapped: a mapped file that somebody shortens ends the process.
struct FileReader: ~Copyable {
  /// The size when it was opened, in bytes.
  let size: Int
  private let descriptor: Int32

  init(_ path: String) throws(FileProblem) {
    guard !path.utf8.contains(0) else { throw FileProblem("a path may not contain a zero byte") }
    // Without O_NONBLOCK, opening a pipe would wait for somebody who writes to it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system("cannot be opened") }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let problem = FileProblem.system("cannot be examined")
      close(descriptor)
      throw problem
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileProblem(
        status.st_mode & S_IFMT == S_IFDIR ? "is a folder, not a file" : "is not a regular file")
    }
    self.size = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Reads bytes, all of them or none. The caller keeps within `size`.
  func read(_ count: Int, at offset: Int) throws(FileProblem) -> [UInt8] {
    var problem: FileProblem?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + filled }, count - filled,
          off_t(offset + filled))
        if got < 0 && errno == EINTR { continue }
        if got <= 0 {
          problem = got < 0 ? .system("cannot be read") : FileProblem("became shorter while read")
          return
        }
        filled += got
      }
    }
    if let problem { throw problem }
    return bytes
  }
}

/// Writes a file under another name beside its place, then gives it its name: whoever reads, and
/// whatever is interrupted, there is the old file or the new one.
func replaceFile(_ path: String, with chunks: [ArraySlice<UInt8>]) throws(FileProblem) {
  guard !path.utf8.contains(0) else { throw FileProblem("a path may not contain a zero byte") }
  let part = "\(path).\(getpid())-\(String(UInt32.random(in: 0...(.max)), radix: 36)).part"
  let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw .system("cannot be created") }
  do throws(FileProblem) {
    for chunk in chunks { try write(chunk, to: descriptor) }
    guard fsync(descriptor) == 0 else { throw FileProblem.system("cannot be written") }
  } catch {
    close(descriptor)
    unlink(part)
    throw error
  }
  guard close(descriptor) == 0, rename(part, path) == 0 else {
    let problem = FileProblem.system("cannot be put in place")
    unlink(part)
    throw problem
  }
}

private func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(FileProblem) {
  var rest = bytes
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else { throw .system("cannot be written") }
    rest = rest.dropFirst(written)
  }
}

/// The memory of the machine, in bytes.
var physicalMemory: Int {
  sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
}
