internal import JSON

/// The header of a safetensors file, checked against the size of the data that follows it.
///
/// The format is 8 bytes of header length (little-endian), the header as JSON, then the data:
/// <https://huggingface.co/docs/safetensors>. A header that passes describes every byte of the data
/// exactly once: no byte is hidden, and no read goes beyond the file.
struct SafetensorsHeader {
  /// A tensor and where its elements are, counted from the start of the data.
  struct Item {
    var name: String
    var dtype: SafetensorsType
    var shape: [Int]
    var range: Range<Int>

    /// The tensor with its elements.
    func entry(
      _ bytes: ArraySlice<UInt8>, file: String
    ) throws(SafetensorsError) -> SafetensorsEntry {
      do {
        return try SafetensorsEntry(dtype: dtype, shape: shape, bytes: bytes)
      } catch {
        throw SafetensorsError(file: file, tensor: name, message: error.message)
      }
    }
  }

  /// The longest header accepted, in bytes; the format's own implementation has the same limit.
  static let lengthLimit = 100_000_000

  private let file: String
  private(set) var metadata: [String: String] = [:]
  private(set) var items: [Item] = []

  /// Reads the length of the header from the beginning of a file of a given size.
  static func length(
    _ prefix: some Collection<UInt8>, fileSize: Int, file: String
  ) throws(SafetensorsError) -> Int {
    guard fileSize >= 8, prefix.count >= 8 else {
      throw SafetensorsError(
        file: file,
        message: fileSize == 0
          ? "the file is empty"
          : "the file has \(fileSize) bytes, fewer than the 8 that hold the header's length")
    }
    let length = prefix.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= lengthLimit else {
      throw SafetensorsError(
        file: file,
        message: SafetensorsError.isGitLFSPointer(prefix)
          ? SafetensorsError.gitLFSPointer
          : "it claims a header of \(length) bytes, more than the limit of \(lengthLimit): "
            + "this is not a safetensors file")
    }
    guard length <= fileSize - 8 else {
      throw SafetensorsError(
        file: file,
        message: "it claims a header of \(length) bytes, but only \(fileSize - 8) follow: "
          + "the file is truncated")
    }
    return Int(length)
  }

  /// Reads a header, and checks it against the number of bytes of data that follow.
  init(parsing text: ArraySlice<UInt8>, dataSize: Int, file: String) throws(SafetensorsError) {
    self.file = file
    // The format requires it, without white space before it, so that files can be recognised.
    guard text.first == UInt8(ascii: "{") else { throw error("the header does not begin with '{'") }
    let json: JSON
    do { json = try JSON(parsing: text) } catch { throw self.error("header, \(error)") }
    guard let members = json.object else { throw error("the header is \(json.kindName)") }
    for (name, value) in members {
      if name == "__metadata__" {
        metadata = try readMetadata(value)
      } else {
        items.append(try readItem(name, value))
      }
    }
    try checkLayout(dataSize: dataSize)
  }

  private func readMetadata(_ value: JSON) throws(SafetensorsError) -> [String: String] {
    guard let members = value.object else {
      throw error("__metadata__ must be an object of strings, got \(value.kindName)")
    }
    var result: [String: String] = [:]
    for (key, value) in members {
      guard let text = value.string else {
        throw error("__metadata__ \(quoted(key)) must be a string, got \(value.kindName)")
      }
      result[key] = text
    }
    return result
  }

  private func readItem(_ name: String, _ value: JSON) throws(SafetensorsError) -> Item {
    let known = ["dtype", "shape", "data_offsets"]
    guard let members = value.object else {
      throw error(
        name, "expected an object with \(known.joined(separator: ", ")), got \(value.kindName)")
    }
    for key in members.keys where !known.contains(key) {
      throw error(name, "\(quoted(key)) is not a key of a tensor\(suggestion(key, known))")
    }
    for key in known where members[key] == nil { throw error(name, "\(key) is missing") }

    guard let word = members["dtype"]?.string else {
      throw error(name, "dtype must be a string")
    }
    guard let dtype = SafetensorsType(rawValue: word) else {
      let words = SafetensorsType.allCases.map(\.rawValue)
      throw error(
        name,
        "the dtype \(quoted(word)) is not one of \(words.joined(separator: ", "))"
          + suggestion(word, words))
    }
    let shape = try readSizes(name, "shape", members["shape"])
    let offsets = try readSizes(name, "data_offsets", members["data_offsets"])
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw error(
        name, "data_offsets must be a start and an end that is not before it, got \(offsets)")
    }
    guard let size = dtype.byteCount(of: shape) else {
      throw error(name, "the shape \(shape) is too large")
    }
    guard size == offsets[1] - offsets[0] else {
      throw error(
        name,
        "\(word) of shape \(shape) takes \(size) bytes, data_offsets \(offsets) give "
          + "\(offsets[1] - offsets[0])")
    }
    return Item(name: name, dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
  }

  private func readSizes(
    _ name: String, _ key: String, _ value: JSON?
  ) throws(SafetensorsError) -> [Int] {
    guard let elements = value?.array else { throw error(name, "\(key) must be an array") }
    var sizes: [Int] = []
    for element in elements {
      // 4.0 is the same number, but no writer of tensors writes it.
      guard case .integer(let size) = element, size >= 0 else {
        throw error(name, "\(key) must hold whole numbers of at least 0, got \(element.excerpt)")
      }
      sizes.append(size)
    }
    return sizes
  }

  /// Checks that the tensors follow each other from the first byte of the data to the last.
  private func checkLayout(dataSize: Int) throws(SafetensorsError) {
    let ordered = items.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = 0
    var previous = ""
    for item in ordered {
      guard item.range.upperBound <= dataSize else {
        throw error(
          item.name,
          "its data ends at byte \(item.range.upperBound), but the file has only "
            + "\(dataSize) bytes of data: it is truncated")
      }
      guard item.range.lowerBound >= end else {
        throw error(item.name, "its data overlaps that of \(quoted(previous))")
      }
      guard item.range.lowerBound == end else {
        throw error(
          item.name,
          "the data before it, from byte \(end) to \(item.range.lowerBound), belongs to no tensor")
      }
      end = item.range.upperBound
      previous = item.name
    }
    guard end == dataSize else {
      throw error("the data from byte \(end) to the end at \(dataSize) belongs to no tensor")
    }
  }

  private func error(_ message: String) -> SafetensorsError {
    SafetensorsError(file: file, message: message)
  }

  private func error(_ tensor: String, _ message: String) -> SafetensorsError {
    SafetensorsError(file: file, tensor: tensor, message: message)
  }
}

extension JSON {
  /// The beginning of the value's text, for messages about values that may be huge.
  fileprivate var excerpt: String {
    switch self {
    case .array, .object: kindName
    case .string(let text): quoted(text)
    default: description
    }
  }
}
