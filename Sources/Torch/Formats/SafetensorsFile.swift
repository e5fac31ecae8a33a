internal import JSON
internal import Support

/// The content of a safetensors file: tensors by name, and texts about them.
///
/// Files may come from anywhere: anything that is not exactly a safetensors file is refused with an
/// error that names the file and the tensor, before memory is allocated for sizes that it claims.
public struct SafetensorsFile: Sendable, Hashable {
  /// The texts that the file holds besides its tensors.
  public var metadata: [String: String]
  /// The tensors by name.
  public var tensors: [String: SafetensorsEntry]

  /// Makes the content of a file.
  public init(tensors: [String: SafetensorsEntry] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: The file, which must be a regular one.
  ///   - limit: The largest amount of data to read, in bytes; the machine's memory when absent.
  /// - Throws: `SafetensorsError` if it is missing, unreadable or not exactly a safetensors file.
  public init(contentsOf path: String, limit: Int? = nil) throws(SafetensorsError) {
    let file = try SafetensorsReader(path, limit: limit)
    try self.init(file.header, file.bytes(0..<file.dataSize), file: path)
  }

  /// Reads a file from bytes in memory; the tensors share them.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What errors call the file.
  /// - Throws: `SafetensorsError` if they are not exactly a safetensors file.
  public init(bytes: [UInt8], name: String) throws(SafetensorsError) {
    let length = try SafetensorsHeader.length(
      bytes.prefix(64), fileSize: bytes.count, file: name)
    let header = try SafetensorsHeader(
      parsing: bytes[8..<8 + length], dataSize: bytes.count - 8 - length, file: name)
    try self.init(header, bytes[(8 + length)...], file: name)
  }

  private init(
    _ header: SafetensorsHeader, _ data: ArraySlice<UInt8>, file: String
  ) throws(SafetensorsError) {
    self.init(metadata: header.metadata)
    tensors.reserveCapacity(header.items.count)
    for item in header.items {
      let range = data.startIndex + item.range.lowerBound..<data.startIndex + item.range.upperBound
      tensors[item.name] = try item.entry(data[range], file: file)
    }
  }

  /// The names of the tensors, sorted.
  public var names: [String] { tensors.keys.sorted() }

  /// The tensor with a name.
  ///
  /// - Throws: `SafetensorsError` with the nearest name if there is no such tensor.
  public func tensor(
    _ name: String, file: String = ""
  ) throws(SafetensorsError) -> SafetensorsEntry {
    guard let entry = tensors[name] else {
      throw SafetensorsError(
        file: file, tensor: name, message: "there is no such tensor\(suggestion(name, names))")
    }
    return entry
  }

  /// Writes the file atomically: a reader never sees a part of it.
  ///
  /// Equal contents give equal bytes: the header has sorted keys and is padded with spaces to a
  /// multiple of 8 bytes, and tensors are sorted by falling element size, then by name, so that each
  /// starts at a multiple of its element's size.
  ///
  /// - Throws: `SafetensorsError` if a tensor has the reserved name `__metadata__` or the file
  ///   cannot be written; an existing file is kept in that case.
  public func write(to path: String) throws(SafetensorsError) {
    do {
      try writeFile(path, try chunks(file: path))
    } catch {
      throw SafetensorsError(file: path, error)
    }
  }

  /// The bytes that `write(to:)` writes.
  ///
  /// - Throws: `SafetensorsError` if a tensor has the reserved name `__metadata__`.
  public func encoded() throws(SafetensorsError) -> [UInt8] {
    Array(try chunks(file: "").joined())
  }

  private func chunks(file: String) throws(SafetensorsError) -> [ArraySlice<UInt8>] {
    let ordered = tensors.sorted {
      (-$0.value.dtype.byteCount, $0.key) < (-$1.value.dtype.byteCount, $1.key)
    }
    var header = JSONObject()
    if !metadata.isEmpty {
      header["__metadata__"] = .object(JSONObject(metadata.map { ($0.key, .string($0.value)) }))
    }
    var end = 0
    for (name, entry) in ordered {
      guard name != "__metadata__" else {
        throw SafetensorsError(file: file, tensor: name, message: "this name is reserved")
      }
      let dimensions = entry.shape.map(JSON.integer)
      header[name] = [
        "dtype": .string(entry.dtype.rawValue), "shape": .array(dimensions),
        "data_offsets": [.integer(end), .integer(end + entry.bytes.count)],
      ]
      end += entry.bytes.count
    }
    let text: String
    do { text = try JSON.object(header).text(.canonical) } catch {
      throw SafetensorsError(file: file, message: "header, \(error)")
    }
    var bytes = Array(text.utf8)
    bytes += [UInt8](repeating: UInt8(ascii: " "), count: (8 - bytes.count % 8) % 8)
    guard bytes.count <= SafetensorsHeader.lengthLimit else {
      throw SafetensorsError(
        file: file,
        message: "a header of \(bytes.count) bytes is more than \(SafetensorsHeader.lengthLimit)")
    }
    let length = (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) }
    return [length[...], bytes[...]] + ordered.map(\.value.bytes)
  }
}
