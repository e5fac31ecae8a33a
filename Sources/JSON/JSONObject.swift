/// A map from texts to JSON values whose keys keep the order in which they came.
///
/// Two objects are equal if they have the same values under the same keys, in whatever order.
/// Keys are compared as Swift compares texts, so two spellings of one character are one key.
public struct JSONObject: Sendable, Hashable {
  /// The keys, in order.
  public private(set) var keys: [String] = []
  private var values: [String: JSON] = [:]

  /// Makes an object without keys.
  public init() {}

  /// Makes an object of pairs in order; a repeated key is a mistake of the caller.
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

  /// How many keys there are.
  public var count: Int { keys.count }

  /// Whether there is no key.
  public var isEmpty: Bool { keys.isEmpty }

  /// Removes a key and answers the value it had.
  @discardableResult
  public mutating func removeValue(forKey key: String) -> JSON? {
    guard let old = values.removeValue(forKey: key) else { return nil }
    keys.removeAll { $0 == key }
    return old
  }

  /// The object without some keys; a key it does not have is no mistake.
  public func removing(_ unwanted: String...) -> JSONObject {
    var result = self
    for key in unwanted { result.removeValue(forKey: key) }
    return result
  }

  /// The object with the keys of another laid over it, whose values win.
  public func merging(_ other: JSONObject) -> JSONObject {
    var result = self
    for (key, value) in other { result[key] = value }
    return result
  }

  /// Compares the values of all keys, without regard to order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.values == right.values
  }

  /// Feeds the hasher without regard to order.
  public func hash(into hasher: inout Hasher) { hasher.combine(values) }
}

extension JSONObject: Sequence {
  /// Walks over the pairs in the order of the keys.
  public func makeIterator() -> some IteratorProtocol<(key: String, value: JSON)> {
    // A key in `keys` always has a value; null stands in only to keep this free of traps.
    keys.lazy.map { (key: $0, value: self.values[$0] ?? .null) }.makeIterator()
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Makes an object; a repeated key is a mistake of the caller.
  public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
