internal import Foundation
public import JSON
internal import Synchronization
internal import Torch

/// The key of a property in JSON: `numLandmarks` becomes `num_landmarks`.
func snakeCase(_ name: String) -> String {
  let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
  guard let first = name.utf8.first, first >= UInt8(ascii: "a"),
    name.utf8.contains(where: letters.contains)
  else { return name }
  var result: [UInt8] = []
  for letter in name.utf8 {
    if letters.contains(letter) {
      result += [UInt8(ascii: "_"), letter | 0x20]
    } else {
      result.append(letter)
    }
  }
  return String(decoding: result, as: UTF8.self)
}

extension PartConfig {
  /// The configuration as JSON, without options that are nil.
  public var json: JSON {
    get throws {
      let encoder = JSONEncoder()
      // Otherwise the order of keys, and so the text of a configuration, would vary.
      encoder.outputFormatting = .sortedKeys
      encoder.keyEncodingStrategy = .custom { SnakeKey(snakeCase($0.last?.stringValue ?? "")) }
      return try JSON(parsing: Array(encoder.encode(self)))
    }
  }

  /// The keys that a configuration may have.
  public static var keys: [String] { get throws { try facts.keys } }

  /// The value of a key that is absent.
  static func usual(_ key: String) -> JSON { (try? facts.sample[key]) ?? .null }

  /// What each key takes.
  static var keyTypes: [String: OptionType] { get throws { try facts.types } }

  /// What decoding needs to know of the type, found once.
  private static var facts: ConfigFacts {
    get throws {
      let type = ObjectIdentifier(Self.self)
      if let known = ConfigFacts.known.withLock({ $0[type] }) { return known }
      let json = try sample.json
      let recorder = KeyRecorder()
      _ = try Self(from: ConfigDecoder(value: json, path: [], recorder: recorder))
      let found = ConfigFacts(
        keys: recorder.keys, types: recorder.types, sample: json.object ?? [:])
      ConfigFacts.known.withLock { $0[type] = found }
      return found
    }
  }

  /// Decodes a configuration strictly, and checks its ranges.
  ///
  /// - Parameter json: an object whose keys are all among ``keys``; a key that is absent or
  ///   `null` takes the value of ``sample``.
  /// - Throws: `PartError` for a key that is unknown, missing, of another type or out of range.
  public static func decode(_ json: JSON) throws -> Self {
    guard let given = json.object else {
      throw PartError(
        .value(key: "config", expected: "an object", got: json.kindName))
    }
    let facts = try facts
    let known = facts.keys
    if let key = given.keys.first(where: { !known.contains($0) }) {
      throw PartError(.unknownKey(key: key, known: known))
    }
    if let key = missing(in: given).first { throw PartError(.missingKey(key: key)) }
    let defaults = JSONObject(facts.sample.filter { !required.contains($0.key) })
    let config = try laid(over: defaults, given)
    try config.validate()
    return config
  }

  /// Every problem of a configuration, as far as one does not hide others: each key that is unknown,
  /// missing or of another type, or else the first value that is out of range.
  package static func problems(in given: JSONObject) -> [PartError] {
    guard let facts = try? facts else { return [] }
    let first: PartError?
    do {
      _ = try decode(.object(given))
      return []
    } catch { first = error as? PartError }
    var found = given.keys.filter { !facts.keys.contains($0) }
      .map { PartError(.unknownKey(key: $0, known: facts.keys)) }
    found += missing(in: given).map { PartError(.missingKey(key: $0)) }
    func note(_ body: () throws -> Void) {
      do { try body() } catch { found += (error as? PartError).map { [$0] } ?? [] }
    }
    for (key, value) in given where facts.keys.contains(key) {
      note { _ = try laid(over: facts.sample, [key: value]) }
    }
    return found.isEmpty ? [first].compactMap(\.self) : found
  }

  /// The required keys that are absent, or null, and not replaced by others.
  private static func missing(in given: JSONObject) -> [String] {
    func isGiven(_ key: String) -> Bool { !(given[key]?.isNull ?? true) }
    return required.filter { key in
      let others = substitutes[key] ?? []
      return !isGiven(key) && (others.isEmpty || !others.allSatisfy(isGiven))
    }
  }

  /// Decodes a configuration whose absent keys have the values of another.
  private static func laid(over defaults: JSONObject, _ given: JSONObject) throws -> Self {
    var laid = defaults
    for (key, value) in given where !value.isNull { laid[key] = value }
    return try Self(
      from: ConfigDecoder(value: .object(laid), path: [], recorder: KeyRecorder()))
  }
}

/// The keys of a configuration type and its sample as JSON.
private struct ConfigFacts {
  let keys: [String]
  let types: [String: OptionType]
  let sample: JSONObject

  static let known = Mutex<[ObjectIdentifier: ConfigFacts]>([:])
}

private struct SnakeKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ value: String) { stringValue = value }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// Notes which keys of the outermost object a type asks for, and what each takes.
final class KeyRecorder {
  private(set) var keys: [String] = []
  private(set) var types: [String: OptionType] = [:]

  func note(_ key: String, takes type: OptionType? = nil) {
    if !keys.contains(key) { keys.append(key) }
    if let type { types[key] = type }
  }
}
