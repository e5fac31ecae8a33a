/// A map from strings to JSON values that keeps the order of its keys.
///
/// Two objects are equal if they have the same values for the same keys, in any order. Keys are
/// compared like Swift strings, so canonically equivalent spellings are one key.
public struct JSONObject: Sendable, Hashable {
  /// The keys, in order.
  public private(set) var keys: [String] = []
  private var values: [String: JSON] = [:]

  /// Makes an object without keys.
  public init() {}

  /// Makes an object of pairs in order; repeating a key is a programming error.
  public init(_ pairs: some Sequence<(String, JSON)>) {
    for (key, value) in pairs {
      precondition(values[key] == nil, "the key \"\(key)\" is given twice")
      self[key] = value
    }
  }

  /// The value of a key: a new key is appended, a known one keeps its place, nil removes it.
  public subscript(key: String) -> JSON? {
    get { values[key] }
    set {
      guard let newValue else {
        removeValue(forKey: key)
        return
      }
      if values.updateValue(newValue, forKey: key) == nil { keys.append(key) }
    }
  }

  /// The number of keys.
  public var count: Int { keys.count }

  /// Whether there is no key.
  public var isEmpty: Bool { keys.isEmpty }

  /// Removes a key and returns its value.
  @discardableResult
  public mutating func removeValue(forKey key: String) -> JSON? {
    guard let old = values.removeValue(forKey: key) else { return nil }
    keys.removeAll { $0 == key }
    return old
  }

  /// The object without some keys, which it need not have.
  public func removing(_ unwanted: String...) -> JSONObject {
    var result = self
    for key in unwanted { result.removeValue(forKey: key) }
    return result
  }

  /// The object merged with another, whose values win.
  public func merging(_ other: JSONObject) -> JSONObject {
    var result = self
    for (key, value) in other { result[key] = value }
    return result
  }

  /// Compares the values of all keys, regardless of order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.values == right.values
  }

  /// Hashes the object regardless of order.
  public func hash(into hasher: inout Hasher) { hasher.combine(values) }
}

extension JSONObject: Sequence {
  /// Iterates over the pairs in the order of the keys.
  public func makeIterator() -> some IteratorProtocol<(key: String, value: JSON)> {
    // A key in `keys` always has a value; the null only avoids a trap.
    keys.lazy.map { (key: $0, value: self.values[$0] ?? .null) }.makeIterator()
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Makes an object; repeating a key is a programming error.
  public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
