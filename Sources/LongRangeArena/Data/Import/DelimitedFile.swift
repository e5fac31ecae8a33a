/// A file of rows of fields, any of which can be read without those before it.
final class DelimitedFile: Sendable {
  /// A field without its quotes.
  struct Field {
    let bytes: [UInt8]
    /// Where it begins in the file.
    let offset: Int

    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  let path: String
  private let file: FileBytes
  private let separator: UInt8
  /// Whether a field may stand in quotes, and then contain separators and line ends.
  private let hasQuotes: Bool
  /// Where each row begins.
  private let rows: [Int]

  /// Opens a file, which may begin with a byte order mark and be packed by gzip.
  ///
  /// - Throws: `FileError` or ``ArenaError`` that names the file, and the place of an open quote.
  init(_ path: String, separator: Character, hasQuotes: Bool) throws {
    self.path = path
    self.separator = separator.asciiValue ?? UInt8(ascii: ",")
    self.hasQuotes = hasQuotes
    file = try FileBytes(path)
    let bytes = file.bytes
    var rows: [Int] = []
    var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while position < bytes.count {
      rows.append(position)
      var quote: Int?
      var isStart = true
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        if byte == newline, quote == nil { break }
        if byte == quotationMark, hasQuotes, isStart || quote != nil {
          // The second of two quotes opens again.
          quote = quote == nil ? position - 1 : nil
        }
        isStart = quote == nil && (byte == self.separator || byte == quotationMark)
      }
      if let quote { throw Self.problem("this quote is never closed", path, bytes, at: quote) }
    }
    self.rows = rows
  }

  /// The number of rows.
  var count: Int { rows.count }

  /// The fields of a row.
  ///
  /// - Parameter expected: how many there must be, and what they are.
  func row(_ number: Int, of expected: [String]) throws -> [Field] {
    let bytes = file.bytes
    var end = number + 1 < rows.count ? rows[number + 1] : bytes.count
    if end > rows[number], bytes[end - 1] == newline { end -= 1 }
    if end > rows[number], bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    var fields: [Field] = []
    var position = rows[number]
    while true {
      let start = position
      var content: [UInt8] = []
      if hasQuotes, position < end, bytes[position] == quotationMark {
        position += 1
        while let close = bytes[position..<end].firstIndex(of: quotationMark) {
          content += bytes[position..<close]
          position = close + 1
          guard position < end, bytes[position] == quotationMark else { break }
          content.append(quotationMark)
          position += 1
        }
        guard position == end || bytes[position] == separator else {
          throw problem("a closing quote ends a field, expected a separator", at: position)
        }
      } else {
        position = bytes[position..<end].firstIndex(of: separator) ?? end
        content = Array(bytes[start..<position])
      }
      fields.append(Field(bytes: content, offset: start))
      guard position < end else { break }
      position += 1
    }
    guard fields.count == expected.count else {
      throw problem(
        "there are \(fields.count) fields, expected \(expected.count): "
          + expected.joined(separator: ", "), at: rows[number])
    }
    return fields
  }

  /// The hash of a row.
  func hash(ofRow number: Int) -> UInt64 {
    let end = number + 1 < rows.count ? rows[number + 1] : file.bytes.count
    return hash64(UnsafeRawBufferPointer(rebasing: file.bytes[rows[number]..<end]))
  }

  /// The whole number in a field, which may be written like `1.0`.
  func integer(_ field: Field, in range: ClosedRange<Int>, _ what: String) throws -> Int {
    guard let value = Double(field.text), let number = Int(exactly: value), range ~= number else {
      throw problem(
        "\(what) is `\(field.text.prefix(40))`, expected \(range.lowerBound) to "
          + "\(range.upperBound)", at: field.offset)
    }
    return number
  }

  /// An error with line and column, which are counted only now.
  func problem(_ what: String, at offset: Int) -> ArenaError {
    Self.problem(what, path, file.bytes, at: offset)
  }

  private static func problem(
    _ what: String, _ path: String, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) -> ArenaError {
    let before = bytes[..<offset]
    let line = 1 + before.count { $0 == newline }
    let column = offset - (before.lastIndex(of: newline) ?? -1)
    return ArenaError("\(path):\(line):\(column): \(what)")
  }
}

private let newline = UInt8(ascii: "\n")
private let quotationMark = UInt8(ascii: "\"")
