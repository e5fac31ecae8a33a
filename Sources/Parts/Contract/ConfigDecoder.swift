internal import JSON
internal import Torch

/// Decodes a configuration from JSON values with errors that name the key and what was expected.
struct ConfigDecoder: Decoder {
  let value: JSON
  let path: [String]
  let recorder: KeyRecorder

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard let object = value.object else { throw mismatch("an object") }
    return KeyedDecodingContainer(Keyed<Key>(decoder: self, object: object))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard let array = value.array else { throw mismatch("an array") }
    return Unkeyed(decoder: self, array: array)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(decoder: self) }

  func child(_ value: JSON, _ key: String) -> ConfigDecoder {
    ConfigDecoder(value: value, path: path + [key], recorder: KeyRecorder())
  }

  /// The error for a value of another type than expected.
  func mismatch(_ expected: String) -> PartError {
    PartError(
      .value(
        key: path.isEmpty ? "config" : path.joined(separator: "."), expected: expected,
        got: "\(value.kindName) \(value)"))
  }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    if type == JSON.self, let json = value as? T { return json }
    do {
      return try T(from: self)
    } catch DecodingError.dataCorrupted {
      throw mismatch(OptionType(type).description)
    }
  }

  func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
    guard let number = value.int, let exact = T(exactly: number) else {
      throw mismatch("an integer")
    }
    return exact
  }

  func number() throws -> Double {
    guard let number = value.double else { throw mismatch("a number") }
    return number
  }

  func truth() throws -> Bool {
    guard let truth = value.bool else { throw mismatch("true or false") }
    return truth
  }

  func text() throws -> String {
    guard let text = value.string else { throw mismatch("a string") }
    return text
  }
}

private struct Single: SingleValueDecodingContainer {
  let decoder: ConfigDecoder
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { decoder.value.isNull }
  func decode(_ type: Bool.Type) throws -> Bool { try decoder.truth() }
  func decode(_ type: String.Type) throws -> String { try decoder.text() }
  func decode(_ type: Double.Type) throws -> Double { try decoder.number() }
  func decode(_ type: Float.Type) throws -> Float { Float(try decoder.number()) }
  func decode(_ type: Int.Type) throws -> Int { try decoder.integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try decoder.integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try decoder.integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try decoder.integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try decoder.integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try decoder.integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.integer(type) }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }
}

private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: ConfigDecoder
  let object: JSONObject
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { object.keys.compactMap(Key.init(stringValue:)) }

  private func name(_ key: Key) -> String {
    let name = snakeCase(key.stringValue)
    decoder.recorder.note(name)
    return name
  }

  private func child(_ key: Key) throws -> ConfigDecoder {
    let name = name(key)
    guard let value = object[name] else { throw PartError(.missingKey(key: name)) }
    return decoder.child(value, name)
  }

  func contains(_ key: Key) -> Bool { object[name(key)] != nil }
  func decodeNil(forKey key: Key) -> Bool { object[name(key)]?.isNull ?? true }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    decoder.recorder.note(name(key), takes: OptionType(type))
    return try child(key).decode(type)
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    try optional(type, key)
  }

  // The defaults of these would be preferred to the generic one, and record no type.
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(type, key) }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
    try optional(type, key)
  }

  private func optional<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
    decoder.recorder.note(name(key), takes: .optional(OptionType(type)))
    return try decodeNil(forKey: key) ? nil : child(key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
    -> KeyedDecodingContainer<Nested>
  {
    try child(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try child(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { decoder }
  func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }
}

private struct Unkeyed: UnkeyedDecodingContainer {
  let decoder: ConfigDecoder
  let array: [JSON]
  var currentIndex = 0
  var codingPath: [any CodingKey] { [] }
  var count: Int? { array.count }
  var isAtEnd: Bool { currentIndex >= array.count }

  private mutating func next() throws -> ConfigDecoder {
    guard !isAtEnd else { throw decoder.mismatch("more than \(array.count) elements") }
    defer { currentIndex += 1 }
    return decoder.child(array[currentIndex], "\(currentIndex)")
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, array[currentIndex].isNull else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws
    -> KeyedDecodingContainer<Nested>
  {
    try next().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { try next() }
}
