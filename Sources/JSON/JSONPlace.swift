/// A value and its path in a document, so errors can name the place.
public struct JSONPlace: Sendable {
  /// The value.
  public let value: JSON
  /// The path, such as `cells[3].part`; empty for the outermost value.
  public let path: String

  /// Creates a place.
  public init(_ value: JSON, at path: String = "") {
    self.value = value
    self.path = path
  }

  /// The value of a key.
  ///
  /// - Throws: `JSONError` if it is missing.
  public func member(_ key: String) throws(JSONError) -> JSONPlace {
    guard let value = try object[key] else { throw JSONError("\(inside(key)) is missing") }
    return JSONPlace(value, at: inside(key))
  }

  /// The value of a key, or nil if it is missing or `null`.
  public func optional(_ key: String) throws(JSONError) -> JSONPlace? {
    guard let value = try object[key], !value.isNull else { return nil }
    return JSONPlace(value, at: inside(key))
  }

  /// The value as an object.
  public var object: JSONObject {
    get throws(JSONError) { try be(value.object, "an object") }
  }

  /// The elements of the value as an array.
  public var elements: [JSONPlace] {
    get throws(JSONError) {
      try be(value.array, "an array").enumerated().map { JSONPlace($1, at: "\(path)[\($0)]") }
    }
  }

  /// The value as text.
  public var string: String {
    get throws(JSONError) { try be(value.string, "a string") }
  }

  /// The value as a whole number.
  public var int: Int {
    get throws(JSONError) { try be(value.int, "a whole number") }
  }

  /// The value as a number.
  public var double: Double {
    get throws(JSONError) { try be(value.double, "a number") }
  }

  private func inside(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func be<Value>(_ value: Value?, _ expected: String) throws(JSONError) -> Value {
    guard let value else {
      let place = path.isEmpty ? "the top level" : path
      throw JSONError("\(place) is \(self.value.kindName), expected \(expected)")
    }
    return value
  }
}
