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
  /// What the error must contain: the key, and where a value has the wrong type, the value.
  let mentions: [String]
  /// Words of which the error must suggest one; empty if none.
  var suggestions: [String] = []

  /// What can be wrong with a configuration.
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

/// The configurations near a valid one that its part must refuse, found from the keys, the sample
/// and the domain of its entry, and from its claims.
struct WrongConfigs {
  let entry: PartEntry
  let registry: Registry
  /// The valid configuration, of this part alone.
  let config: JSONObject
  let claims: Claims
  /// Which of the many ways to misspell a word are tried.
  let spelling: Int
  /// Keys that a part around this one fills in.
  var filledIn: Set<String> = []

  /// All of them, those of parts inside included.
  var all: [WrongConfig] {
    get throws { typos + missing + types + ranges + capabilities + (try nested) }
  }

  private func with(_ key: String, _ value: JSON?) -> JSON {
    var changed = config
    changed[key] = value
    return .object(changed)
  }

  /// The keys that this part accepts, for whatever reason.
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
        // With another letter, a word of two or fewer is another word and need not be suggested.
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

  /// The values that a key is known to take: that of the sample and those of its domain.
  private func known(_ key: String) -> [JSON] {
    var values = [entry.sample[key] ?? .null]
    switch entry.domain[key] {
    case .values(let list): values += list
    case .around, .atLeast, .equal: values.append(1)
    case .fixed, nil: break
    }
    return values.filter { !$0.isNull }
  }

  /// Values of another JSON type than any that the key takes.
  private var types: [WrongConfig] {
    entry.keys.flatMap { key -> [WrongConfig] in
      let known = known(key)
      let kinds = Set(known.map(Self.kind))
      var candidates: [JSON] = [["zoo"], ["zoo": 1]]
      // Without an example of its values, a key may take any simple one.
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

  /// The innermost value, which is what an error shows of a list or an object.
  private static func inner(_ value: JSON) -> String {
    value.array?.first?.string ?? value.object?.keys.first ?? value.description
  }

  private static func kind(_ value: JSON) -> String {
    value.double != nil ? "number" : value.kindName
  }

  /// Whether no value but null is taken.
  private func isFixed(_ key: String) -> Bool {
    if case .fixed = entry.domain[key] { return entry.nested[key] == nil }
    return false
  }

  /// Whether the key holds a length or a count of something.
  private func isLength(_ key: String) -> Bool {
    switch entry.domain[key] {
    case .around, .atLeast, .equal: true
    default: false
    }
  }

  /// Numbers out of range: below what the key is known to take, and lengths beyond any memory.
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

  /// A request for what the part cannot do, by a key that siblings have; a dispatch has none.
  private var capabilities: [WrongConfig] {
    guard claims.causal == .never, entry.nested.isEmpty else { return [] }
    return [
      WrongConfig(
        label: "`causal`: true", config: with("causal", true), problem: .value,
        mentions: ["causal"])
    ]
  }

  /// The same for the parts that this one is built around.
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
