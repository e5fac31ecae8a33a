/// Appends values to bytes.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func fixed(_ value: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// Seven bits a byte, the lowest first.
  mutating func number(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func signed(_ value: Int64) {
    number(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  mutating func double(_ value: Double) { fixed(value.bitPattern) }

  mutating func text(_ value: String) {
    number(UInt64(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  mutating func choice(_ value: ChoiceValue) {
    switch value {
    case .boolean(let boolean): byte(boolean ? 1 : 0)
    case .integer(let integer):
      byte(2)
      signed(integer)
    case .double(let value):
      byte(3)
      double(value)
    case .tensor(let recipe):
      byte(4)
      text(recipe.description)
    }
  }
}

/// Reads what ``ByteWriter`` wrote, from bytes that may be anything.
struct ByteReader {
  /// The bytes end early, or are not what was asked for.
  struct Malformed: Error {}

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func byte() throws(Malformed) -> UInt8 {
    guard position < bytes.count else { throw Malformed() }
    position += 1
    return bytes[position - 1]
  }

  mutating func fixed() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      value |= UInt64(try byte()) << shift
    }
    return value
  }

  mutating func number() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let next = try byte()
      if shift == 63, next > 1 { throw Malformed() }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
    }
    throw Malformed()
  }

  mutating func signed() throws(Malformed) -> Int64 {
    let value = try number()
    return Int64(bitPattern: value >> 1) ^ -Int64(value & 1)
  }

  mutating func text() throws(Malformed) -> String {
    let count = try number()
    guard count <= UInt64(bytes.count - position) else { throw Malformed() }
    let end = position + Int(count)
    defer { position = end }
    guard let text = String(validating: bytes[position..<end], as: UTF8.self) else {
      throw Malformed()
    }
    return text
  }

  mutating func choice() throws(Malformed) -> ChoiceValue {
    switch try byte() {
    case 0: return .boolean(false)
    case 1: return .boolean(true)
    case 2: return .integer(try signed())
    case 3: return .double(Double(bitPattern: try fixed()))
    case 4:
      guard let recipe = TensorRecipe(try text()) else { throw Malformed() }
      return .tensor(recipe)
    default: throw Malformed()
    }
  }
}
