// Foundation would take longer to load than most runs of this tool last.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that cannot be used, or sources that are wrong; described as the compiler would.
struct Failure: Error, CustomStringConvertible {
  let message: String

  var description: String { message }
}

/// The content of a file.
func readFile(_ path: String) throws(Failure) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw failure(path, "cannot open this file") }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw failure(path, "cannot read this file") }
  // One byte more than expected, so that the end is seen without another round.
  var bytes = [UInt8](repeating: 0, count: max(0, Int(status.st_size)) + 1)
  var count = 0
  while true {
    if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: count + 4_096)) }
    let start = count
    let received = bytes.withUnsafeMutableBytes {
      read(descriptor, $0.baseAddress! + start, $0.count - start)
    }
    if received < 0, errno == EINTR { continue }
    guard received >= 0 else { throw failure(path, "cannot read this file") }
    if received == 0 { break }
    count += received
  }
  bytes.removeLast(bytes.count - count)
  return bytes
}

/// Whether there is something at a path.
func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Puts a file in the place of another in one step, so that no reader sees half of it.
func replaceFile(_ path: String, with bytes: [UInt8]) throws(Failure) {
  let temporary = "\(path).\(getpid()).part"
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw failure(path, "cannot write this file") }
  let isWritten = writeAll(bytes, to: descriptor)
  guard close(descriptor) == 0, isWritten, rename(temporary, path) == 0 else {
    let problem = failure(path, "cannot write this file")
    unlink(temporary)
    throw problem
  }
}

/// Prints a message and the end of a line to standard error.
func printError(_ message: String) { _ = writeAll(Array((message + "\n").utf8), to: 2) }

/// Ends the process.
func exitProcess(_ code: Int32) -> Never { exit(code) }

private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  var count = 0
  while count < bytes.count {
    let start = count
    let written = bytes.withUnsafeBytes {
      write(descriptor, $0.baseAddress! + start, $0.count - start)
    }
    if written < 0, errno == EINTR { continue }
    guard written > 0 else { return false }
    count += written
  }
  return true
}

/// Describes the last error of the C library at the beginning of a file.
private func failure(_ path: String, _ what: String) -> Failure {
  let reason = String(cString: strerror(errno))
  return Failure(message: "\(path):1:1: error: \(what): \(reason)")
}
