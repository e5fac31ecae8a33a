internal import Catalogue
internal import JSON
internal import Parts
internal import Support
internal import Torch

/// A configuration that a part must refuse.
struct WrongConfig {
  /// What is wrong with it.
  let label: String
  /// The configuration.
  let config: JSON
  /// What the error must be about.
  let problem: Problem
  /// What the error must contain: the key and, for a value of the wrong type, the value.
  let mentions: [String]
  /// The error must suggest one of these words; empty if it need not suggest any.
  var suggestions: [String] = []

  /// The kinds of mistake in a configuration.
  enum Problem: String {
    case key = "about an unknown key"
    case missing = "about a missing key"
    case value = "about a value"
    case part = "about an unknown part"

    func includes(_ problem: PartError.Problem) -> Bool {
      switch problem {
      case .unknownKey: self == .key
      case .missingKey: self == .missing
      case .value, .unsupported: self == .value
      case .unknownPart: self == .part
      default: false
      }
    }
  }
}

/// The configurations next to a valid one that the part must refuse, derived from its entry's keys,
/// types, sample and domain, and from its claims.
struct WrongConfigs {
  let entry: PartEntry
  let subject: Subject
  /// The valid configuration of this part alone.
  let config: JSONObject
  let claims: Claims
  let lengths: Lengths
  /// Selects which misspellings are tried.
  let spelling: Int
  /// Whether the part is inside another, which fills in some of its keys.
  let isNested: Bool

  var registry: Registry { subject.registry }

  /// All wrong configurations of the part of a setting.
  init(_ setting: Setting, spelling: Int) {
    self.init(
      setting.subject.entry, setting.subject, setting.scenario.config.object ?? [:],
      setting.claims, setting.scenario.lengths, spelling: spelling, isNested: false)
  }

  init(
    _ entry: PartEntry, _ subject: Subject, _ config: JSONObject, _ claims: Claims,
    _ lengths: Lengths, spelling: Int, isNested: Bool
  ) {
    (self.entry, self.subject, self.config, self.claims) = (entry, subject, config, claims)
    (self.lengths, self.spelling, self.isNested) = (lengths, spelling, isNested)
  }

  /// All of them, including those of nested parts.
  var all: [WrongConfig] {
    get throws {
      try typos + missing + types + ranges + positions + contradictions + requests + nested
        + variants + filled
    }
  }

  func with(_ key: String, _ value: JSON?) -> JSON {
    var changed = config
    changed[key] = value
    return .object(changed)
  }

  /// The keys that this part accepts for any reason.
  private var accepted: Set<String> {
    registry.entries(entry.kind).reduce(into: Set(entry.keys).union(["name"])) {
      $0.formUnion($1.keys)
    }
  }

  /// Keys that are one edit away from one of the part's own.
  private var typos: [WrongConfig] {
    let accepted = self.accepted
    return entry.keys.flatMap { key in
      misspellings(key).filter { !accepted.contains($0) }.map { typo in
        // A word of one or two letters with another letter is a different word and need not be
        // suggested.
        let near = accepted.filter {
          Swift.abs($0.count - typo.count) <= 1
            && editDistance(typo.lowercased(), $0.lowercased()) <= ($0.count > 2 ? 1 : 0)
        }
        return WrongConfig(
          label: "the key `\(typo)`", config: with(typo, entry.sample[key] ?? 1), problem: .key,
          mentions: ["`\(typo)`"], suggestions: near.sorted())
      }
    }
  }

  /// A third of the words one edit away.
  func misspellings(_ word: String) -> [String] {
    Self.misspellings(word).enumerated()
      .filter { ($0.offset + spelling) % 3 == 0 }.map(\.element)
  }

  static func misspellings(_ word: String) -> [String] {
    let letters = Array(word)
    let middle = letters.count / 2
    var found = [
      word + "s", String(letters[0]) + word, word.prefix(1).uppercased() + word.dropFirst(),
    ]
    if letters.count > 2 {
      found.append(String(letters.dropLast()))
      found.append(String(letters[..<middle] + letters[(middle + 1)...]))
      var swapped = letters
      swapped.swapAt(middle - 1, middle)
      found.append(String(swapped))
      var other = letters
      other[middle] = "-"
      found.append(String(other))
    }
    return Array(Set(found).subtracting([word])).sorted()
  }

  private var missing: [WrongConfig] {
    entry.required.filter { !isFilledIn($0) }.flatMap { key in
      [(JSON?.none, "no `\(key)`"), (JSON.null, "`\(key)`: null")].map { value, label in
        WrongConfig(label: label, config: with(key, value), problem: .missing, mentions: [key])
      }
    }
  }

  /// Whether a surrounding part fills in a key.
  private func isFilledIn(_ key: String) -> Bool {
    isNested && subject.entry.filledIn[key] != nil
  }

  /// The known values of a key, from the sample and its domain.
  func known(_ key: String) -> [JSON] {
    var values = [entry.sample[key] ?? .null]
    switch entry.domain[key] {
    case .values(let list): values += list
    case .around, .atLeast, .equal: values.append(1)
    case .fixed, nil: break
    }
    return values.filter { !$0.isNull }
  }

  /// Values of a JSON type that the key does not take, and lists without elements.
  private var types: [WrongConfig] {
    entry.keys.flatMap { key -> [WrongConfig] in
      let known = known(key)
      let kinds = Set(known.map(Self.kind))
      let type = entry.keyTypes[key]
      let candidates: [JSON] = [["zoo"], ["zoo": 1], "4", true, 4.5, 0, 1]
      var wrong = candidates.filter { value in
        if let takes = type?.takes(value) { return !takes }
        // Without example values, a key may take any simple one.
        let isSimple = value.array == nil && value.object == nil
        return !kinds.contains(Self.kind(value)) && (!isSimple || !kinds.isEmpty || isFixed(key))
      }
      let isList = kinds.contains(Self.kind([]))
      if isList, !wrong.contains(["zoo"]) { wrong.append(["zoo"]) }
      if type?.takes([]) ?? isList, !known.contains([]) { wrong.append([]) }
      if isLength(key) { wrong.append(1e300) }
      var found = wrong.map { value in
        WrongConfig(
          label: "`\(key)`: \(value)", config: with(key, value), problem: .value,
          mentions: [key, Self.inner(value)])
      }
      for rows in known.compactMap(Self.ragged) + known.flatMap(Self.notBinary)
      where !known.contains(rows) {
        found.append(
          WrongConfig(
            label: "`\(key)`: \(rows)", config: with(key, rows), problem: .value, mentions: [key]))
      }
      for word in known.compactMap(\.string) {
        found += misspellings(word).filter { !known.contains(.string($0)) }.map { typo in
          WrongConfig(
            label: "`\(key)`: \"\(typo)\"", config: with(key, .string(typo)), problem: .value,
            mentions: [key, typo, word])
        }
      }
      return found
    }
  }

  /// A list of rows whose first one has an entry too many.
  private static func ragged(_ value: JSON) -> JSON? {
    guard var rows = value.array, let first = rows.first?.array, let last = first.last else {
      return nil
    }
    rows[0] = .array(first + [last])
    return .array(rows)
  }

  /// Rows of zeros and ones with another number in front.
  private static func notBinary(_ value: JSON) -> [JSON] {
    func numbers(_ json: JSON) -> [JSON] { json.array.map { $0.flatMap(numbers) } ?? [json] }
    func replaced(_ json: JSON, _ number: JSON) -> JSON {
      guard let list = json.array, let first = list.first else { return number }
      return .array([replaced(first, number)] + list.dropFirst())
    }
    guard value[0]?.array != nil, numbers(value).allSatisfy({ [0, 1].contains($0) }) else {
      return []
    }
    return [2, -1, 0.5].map { replaced(value, $0) }
  }

  /// The innermost value, which an error shows for a list or an object.
  private static func inner(_ value: JSON) -> String {
    value.array?.first?.string ?? value.object?.keys.first ?? value.description
  }

  private static func kind(_ value: JSON) -> String {
    value.double != nil ? "number" : value.kindName
  }

  /// Whether null is the only value taken.
  private func isFixed(_ key: String) -> Bool {
    if case .fixed = entry.domain[key] { return entry.nested[key] == nil }
    return false
  }

  /// Whether the key holds a length or a count.
  private func isLength(_ key: String) -> Bool {
    switch entry.domain[key] {
    case .around, .atLeast, .equal: true
    default: false
    }
  }

  /// Numbers out of range: below all known values, 0 where all are fractions above it, and lengths
  /// beyond any memory.
  private var ranges: [WrongConfig] {
    entry.keys.flatMap { key -> [WrongConfig] in
      let numbers = known(key).compactMap(\.double)
      guard let least = numbers.min(), least >= 0 else { return [] }
      var wrong: [JSON] = [-1, .integer(Int.min)]
      if isLength(key) { wrong += [0, .integer(1 << 40), .integer(Int.max)] }
      let isFraction = entry.sample[key]?.double.map { $0 < 1 } ?? false
      if isFraction, least > 0 { wrong.append(0) }
      if claims.dropoutKeys.contains(key) { wrong += [-0.001, 1.001, 2] }
      return wrong.map { value in
        WrongConfig(
          label: "`\(key)`: \(value)", config: with(key, value), problem: .value,
          mentions: Swift.abs(value.double ?? 0) < 1e15 ? [key, value.description] : [key])
      }
    }
  }

  /// Positions of tokens before the first and beyond the longest input, in a list that holds exactly
  /// the tokens that the part claims to treat differently.
  private var positions: [WrongConfig] {
    [.object(config), entry.sample(length: Self.sampleLength)].compactMap(\.self)
      .flatMap { config -> [WrongConfig] in
        let claims = try? entry.claims(for: config)
        guard case .tokens(let tokens, _) = claims?.pattern, let sequence = claims?.sequence,
          let length = (1...1024).last(where: sequence.accepts)
        else { return [] }
        return (config.object ?? [:]).flatMap { key, value -> [WrongConfig] in
          let listed = (value.array ?? []).compactMap(\.int)
          guard !listed.isEmpty, Set(listed) == tokens else { return [] }
          return [-1, length, length + 1].map { position in
            let moved = JSON.array((listed.dropLast() + [position]).map { .integer($0) })
            return WrongConfig(
              label: "`\(key)`: \(moved) for \(length) tokens",
              config: OptionAxis.setting(moved, at: [key], in: config), problem: .value,
              mentions: [key, "\(position)"])
          }
        }
      }
  }

  /// A length for which a part can give a sample of blocks or halves.
  private static let sampleLength = 48

  /// Two keys that determine the same in different ways.
  private var contradictions: [WrongConfig] {
    let other = entry.sample(length: Self.sampleLength)?.object ?? [:]
    var found = entry.substitutes.compactMap { key, others -> WrongConfig? in
      guard let value = config[key] ?? entry.sample[key], others.allSatisfy({ other[$0] != nil })
      else { return nil }
      var both = config.merging([key: value])
      for key in others { both[key] = other[key] }
      return WrongConfig(
        label: "`\(key)` beside \(others.joined(separator: ", "))", config: .object(both),
        problem: .value, mentions: [])
    }
    // The key that says how long inputs are, where something else in the configuration does, too.
    let longer = entry.sample(length: 2 * Self.sampleLength)
    for (key, value) in other
    where value == .integer(Self.sampleLength) && longer?[key] == .integer(2 * Self.sampleLength) {
      guard case .exactly(let length) = (try? entry.claims(for: .object(config)))?.sequence,
        config[key]?.isNull ?? true
      else { continue }
      for wrong in [length - 1, length + 1, 2 * length] where wrong > 0 {
        let changed = with(key, .integer(wrong))
        if (try? entry.claims(for: changed))?.sequence == .exactly(wrong) { continue }
        found.append(
          WrongConfig(
            label: "`\(key)`: \(wrong), elsewhere \(length)", config: changed, problem: .value,
            mentions: [key, "\(length)", "\(wrong)"]))
      }
    }
    return found
  }

  /// Requests, by a key of this or another part, for what this part cannot give.
  private var requests: [WrongConfig] {
    var all = subject.requests(of: entry.kind)
    // Keys of other kinds count if the part accepts them as long as they ask for nothing.
    for kind in Kind.allCases where !isNested && kind != entry.kind {
      all.formUnion(
        subject.requests(of: kind).filter { request in
          let idle = with(request.key, request.value.bool == nil ? JSON.number(0) : false)
          return (try? subject.build(idle, seed: 0)) != nil
        })
    }
    return all.filter { !$0.isGranted(by: claims, entry) }.sorted { $0.key < $1.key }.map {
      request in
      WrongConfig(
        label: "`\(request.key)`: \(request.value)", config: with(request.key, request.value),
        problem: .value, mentions: [request.key])
    }
  }
}
