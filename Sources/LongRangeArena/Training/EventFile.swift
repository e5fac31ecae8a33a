internal import Foundation

/// A file of scalars for TensorBoard: records of TFRecord, each an `Event` of TensorFlow's protocol
/// buffers.
struct EventFile {
  private let file: AppendedFile

  /// Opens a file; an empty one gets its version.
  init(_ path: String, keeping kept: AppendedFile.Mark) throws {
    file = try AppendedFile(path, keeping: kept)
    if file.length == 0 { try write(ProtocolBuffer().string(3, "brain.Event:2")) }
  }

  var mark: AppendedFile.Mark { get throws { try file.mark } }

  func sync() throws { try file.sync() }

  /// Writes the values of a step.
  func write(_ values: KeyValuePairs<String, Double>, step: Int) throws {
    var summary = ProtocolBuffer()
    for (tag, value) in values {
      summary = summary.message(1, ProtocolBuffer().string(1, tag).float(2, Float(value)))
    }
    try write(ProtocolBuffer().integer(2, step).message(5, summary))
  }

  private func write(_ event: ProtocolBuffer) throws {
    let data = ProtocolBuffer().double(1, Date().timeIntervalSince1970).bytes + event.bytes
    let length = littleEndian(UInt64(data.count))
    try file.append(
      length + littleEndian(CRC32C.masked(length)) + data + littleEndian(CRC32C.masked(data)))
  }
}

/// Fields of a protocol buffer.
private struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  func integer(_ field: Int, _ value: Int) -> Self { adding(field, 0, Self.varint(value)) }

  func double(_ field: Int, _ value: Double) -> Self {
    adding(field, 1, littleEndian(value.bitPattern))
  }

  func float(_ field: Int, _ value: Float) -> Self {
    adding(field, 5, littleEndian(value.bitPattern))
  }

  func string(_ field: Int, _ text: String) -> Self { block(field, Array(text.utf8)) }

  func message(_ field: Int, _ message: Self) -> Self { block(field, message.bytes) }

  private func block(_ field: Int, _ content: [UInt8]) -> Self {
    adding(field, 2, Self.varint(content.count) + content)
  }

  private func adding(_ field: Int, _ type: Int, _ content: [UInt8]) -> Self {
    Self(bytes: bytes + Self.varint(field << 3 | type) + content)
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var (rest, bytes) = (UInt64(bitPattern: Int64(value)), [UInt8]())
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

/// The cyclic redundancy check of Castagnoli's polynomial.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0x82F6_3B78 : 0) }
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
  }

  /// The form in which TFRecord stores it.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let sum = checksum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }
}

private func littleEndian<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}
