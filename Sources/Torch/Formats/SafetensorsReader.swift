internal import Support

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// An open safetensors file: its header is read and checked, its data are read on demand.
final class SafetensorsReader: Sendable {
  let path: String
  let header: SafetensorsHeader
  /// The number of bytes after the header.
  let dataSize: Int
  private let file: FileReader

  /// Opens a file.
  ///
  /// - Throws: `SafetensorsError` if it is missing, unreadable or not exactly a safetensors file, or
  ///   has more data than the limit, by default the machine's memory.
  init(_ path: String, limit: Int? = nil) throws(SafetensorsError) {
    self.path = path
    do {
      file = try FileReader(path)
      let prefix = try file.read(min(64, file.size), at: 0)
      let length = try SafetensorsHeader.length(prefix, fileSize: file.size, file: path)
      dataSize = file.size - 8 - length
      header = try SafetensorsHeader(
        parsing: try file.read(length, at: 8)[...], dataSize: dataSize, file: path)
    } catch {
      throw SafetensorsError(file: path, error)
    }
    try Self.check(dataSize, file: path, limit: limit ?? Self.physicalMemory)
  }

  /// Refuses more data than a limit, by default the machine's memory.
  static func check(
    _ bytes: Int, file: String, limit: Int = physicalMemory
  ) throws(SafetensorsError) {
    guard bytes <= limit else {
      throw SafetensorsError(
        file: file, message: "\(bytes) bytes of data are more than the limit of \(limit)")
    }
  }

  /// Reads a part of the data.
  func bytes(_ range: Range<Int>) throws(SafetensorsError) -> ArraySlice<UInt8> {
    do {
      return try file.read(range.count, at: file.size - dataSize + range.lowerBound)[...]
    } catch {
      throw SafetensorsError(file: path, error)
    }
  }

  /// Reads a tensor.
  func entry(_ item: SafetensorsHeader.Item) throws(SafetensorsError) -> SafetensorsEntry {
    try item.entry(bytes(item.range), file: path)
  }

  /// The memory of the machine, in bytes.
  private static var physicalMemory: Int {
    sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
  }
}
