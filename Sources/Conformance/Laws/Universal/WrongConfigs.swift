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
/// sample and domain, and from its claims.
struct WrongConfigs {
  let entry: PartEntry
  let registry: Registry
  /// The valid configuration of this part alone.
  let config: JSONObject
  let claims: Claims
  /// Selects which misspellings are tried.
  let spelling: Int
  /// Keys that a surrounding part fills in.
  var filledIn: Set<String> = []

  /// All of them, including those of nested parts.
  var all: [WrongConfig] {
    get throws { typos + missing + types + ranges + capabilities + (try nested) }
  }

  private func with(_ key: String, _ value: JSON?) -> JSON {
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
  private func misspellings(_ word: String) -> [String] {
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
    entry.required.filter { !filledIn.contains($0) }.flatMap { key in
      [(JSON?.none, "no `\(key)`"), (JSON.null, "`\(key)`: null")].map { value, label in
        WrongConfig(label: label, config: with(key, value), problem: .missing, mentions: [key])
      }
    }
  }

  /// The known values of a key, from the sample and its domain.
  private func known(_ key: String) -> [JSON] {
    var values = [entry.sample[key] ?? .null]
    switch entry.domain[key] {
    case .values(let list): values += list
    case .around, .atLeast, .equal: values.append(1)
    case .fixed, nil: break
    }
    return values.filter { !$0.isNull }
  }

  /// Values of a JSON type that the key does not take.
  private var types: [WrongConfig] {
    entry.keys.flatMap { key -> [WrongConfig] in
      let known = known(key)
      let kinds = Set(known.map(Self.kind))
      var candidates: [JSON] = [["zoo"], ["zoo": 1]]
      // Without example values, a key may take any simple one.
      if !kinds.isEmpty || isFixed(key) { candidates += ["4", true, 4.5] }
      var wrong = candidates.filter { !kinds.contains(Self.kind($0)) }
      if kinds.contains("array") { wrong += [["zoo"], []] }
      if isLength(key) { wrong += [4.5, 1e300] }
      var found = wrong.map { value in
        WrongConfig(
          label: "`\(key)`: \(value)", config: with(key, value), problem: .value,
          mentions: [key, Self.inner(value)])
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

  /// Numbers out of range: below all known values, and lengths beyond any memory.
  private var ranges: [WrongConfig] {
    entry.keys.flatMap { key -> [WrongConfig] in
      let numbers = known(key).compactMap(\.double)
      guard let least = numbers.min(), least >= 0 else { return [] }
      var wrong: [JSON] = [-1, .integer(Int.min)]
      if isLength(key) { wrong += [0, .integer(1 << 40), .integer(Int.max)] }
      if key == claims.dropout.key { wrong += [-0.001, 1.001, 2] }
      return wrong.map { value in
        WrongConfig(
          label: "`\(key)`: \(value)", config: with(key, value), problem: .value,
          mentions: Swift.abs(value.double ?? 0) < 1e15 ? [key, value.description] : [key])
      }
    }
  }

  /// A request for an unsupported feature through a sibling's key; a dispatch has no siblings.
  private var capabilities: [WrongConfig] {
    guard claims.causal == .never, entry.nested.isEmpty else { return [] }
    return [
      WrongConfig(
        label: "`causal`: true", config: with("causal", true), problem: .value,
        mentions: ["causal"])
    ]
  }

  /// The wrong configurations of the nested parts.
  private var nested: [WrongConfig] {
    get throws {
      try entry.nested.flatMap { key, inner -> [WrongConfig] in
        guard var own = config[key]?.object else { return [] }
        let name = own.removeValue(forKey: "name")
        let wrong = WrongConfigs(
          entry: inner, registry: registry, config: own,
          claims: try inner.claims(for: inner.sample),
          spelling: spelling,
          filledIn: ["num_heads", "dim_model", "dim_head"])
        var found = try wrong.all
        for typo in misspellings(inner.name) {
          found.append(
            WrongConfig(
              label: "the name `\(typo)`", config: .object(own.merging(["name": .string(typo)])),
              problem: .part, mentions: ["`\(typo)`"], suggestions: [inner.name]))
        }
        return found.map { found in
          var object = found.config.object ?? [:]
          if object["name"] == nil { object["name"] = name }
          return WrongConfig(
            label: "\(key): \(found.label)", config: with(key, .object(object)),
            problem: found.problem, mentions: found.mentions, suggestions: found.suggestions)
        }
      }
    }
  }
}
