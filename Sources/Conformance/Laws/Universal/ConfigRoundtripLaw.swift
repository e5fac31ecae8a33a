internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U16: a configuration survives JSON, every given key reaches the part, an absent key takes the
  /// documented default, null is absent, in objects inside, too, and a sibling part's key is accepted,
  /// listed as unused and without effect.
  static let configRoundtrip = Law(
    .configRoundtrip, trials: 24, witness: "falseIsAbsent", of: .itself
  ) { setting, trial in
    let build = ConfigBuild(setting)
    let config = setting.scenario.config.object ?? [:]
    let built = try build(config)
    let options = try built.part.options
    trial.observe(output: XXH3.hash64(options.description))
    try expectReceived(config, options, built.report, setting.subject.entry, &trial)
    try expectRoundtrip(config, options, build, &trial)
    try expectDefaults(config, build, setting.subject.entry, &trial)
    try expectSiblings(config, options, build, setting.subject, &trial)
  }

  /// The part and the report hold the given values; the sample gives the others.
  private static func expectReceived(
    _ config: JSONObject, _ options: JSON, _ report: BuildReport, _ entry: PartEntry,
    _ trial: inout Trial
  ) throws {
    for (key, value) in config {
      let held = options[key]
      trial.expect(
        value.isNull || held == value, label: "a key given",
        "`\(key)`: \(value) was given, but the part holds \(held ?? nil)")
    }
    for key in entry.keys where !entry.required.contains(key) && config[key]?.isNull ?? true {
      let (held, documented) = (options[key] ?? .null, entry.sample[key] ?? .null)
      trial.expect(
        held == documented, label: "a key left out",
        "`\(key)` was omitted: the part holds \(held), but the documented default is \(documented)")
      trial.expect(
        report.defaults[key] == documented, label: "a default reported",
        "`\(key)` was omitted: the report lists \(report.defaults[key] ?? nil)")
    }
    for (key, value) in config where !value.isNull && entry.nested[key] == nil {
      trial.expect(
        report.used[key] == value, label: "a key reported",
        "`\(key)`: \(value) was given, but the report lists \(report.used[key] ?? nil)")
    }
    for (key, inner) in entry.nested {
      for (name, value) in config[key]?.object ?? [:] where name != "name" && !value.isNull {
        trial.expect(
          report.used["\(key).\(name)"] == value, label: "a key of \(inner.title) reported",
          "`\(key).\(name)`: \(value) was given, but the report lists "
            + "\(report.used["\(key).\(name)"] ?? nil)")
      }
    }
    trial.expect(report.unused.isEmpty, label: "unused", "unused keys: \(report.unused)")
  }

  /// Options that are written, read and built again are unchanged, however whole numbers are
  /// written.
  private static func expectRoundtrip(
    _ config: JSONObject, _ options: JSON, _ build: ConfigBuild, _ trial: inout Trial
  ) throws {
    let read = try JSON(parsing: Array(options.text().utf8))
    let again = try build(read.object ?? [:]).part.options
    trial.expect(
      again == options, label: "written and read", "\(options) was read back as \(again)")
    let fractions = try build(fractional(.object(config)).object ?? [:]).part.options
    trial.expect(
      fractions == options, label: "4.0 for 4",
      "whole numbers written as fractions give \(fractions), expected \(options)")
    var named = config
    named["name"] = .string(build.subject.entry.name)
    try trial.expect(
      build(named).part.options == options, label: "the own name", "the part's name is refused")
  }

  /// The same value with every whole number written as a fraction.
  private static func fractional(_ json: JSON) -> JSON {
    switch json {
    case .integer(let value): .number(Double(value))
    case .array(let values): .array(values.map(fractional))
    case .object(let object): .object(JSONObject(object.map { ($0.key, fractional($0.value)) }))
    default: json
    }
  }

  /// A key set to null equals an absent key.
  private static func expectDefaults(
    _ config: JSONObject, _ build: ConfigBuild, _ entry: PartEntry, _ trial: inout Trial
  ) throws {
    for key in entry.keys where !entry.required.contains(key) {
      var absent = config
      absent[key] = nil
      let expected = try build.outcome(absent)
      var null = config
      null[key] = .null
      let outcome = try build.outcome(null)
      trial.expect(
        outcome == expected, label: "null is absent",
        "`\(key)`: null gives \(outcome), omitting it gives \(expected)")
      guard case .success(let options) = expected else { continue }
      let (held, documented) = (options[key] ?? .null, entry.sample[key] ?? .null)
      trial.expect(
        held == documented, label: "the documented default",
        "`\(key)` was omitted: the part holds \(held), but the documented default is \(documented)")
    }
    for (key, inner) in entry.nested {
      for name in inner.keys where !inner.required.contains(name) || entry.filledIn[name] != nil {
        guard config[key]?.object != nil else { continue }
        try expectAbsent([key, name], config, build, &trial)
      }
    }
    // The keys in other objects, and those that these may have; some of them, if there are many.
    let known = Kind.allCases.flatMap { build.subject.registry.entries($0) }
      .filter(\.nested.isEmpty)
    let others = JSONObject(config.filter { entry.nested[$0.key] == nil })
    let places = objects(in: .object(others)).dropFirst().flatMap { path, object in
      let given = object.keys.filter { $0 != "name" }
      let named = known.filter { inner in
        object["name"]?.string == inner.name && given.allSatisfy(inner.keys.contains)
      }
      return Set(given).union(named.flatMap(\.keys)).sorted().map { path + [$0] }
    }
    for number in 0..<min(6, places.count) {
      let chosen = (Int(build.seed % UInt64(places.count)) + number) % places.count
      try expectAbsent(places[chosen], config, build, &trial)
    }
  }

  /// A key inside that is set to null equals an absent one.
  private static func expectAbsent(
    _ path: [String], _ config: JSONObject, _ build: ConfigBuild, _ trial: inout Trial
  ) throws {
    func outcome(_ value: JSON?) throws -> ConfigBuild.Outcome {
      let changed = replaced(.object(config), at: path[...], by: value)
      return try build.outcome(changed.object ?? [:]).without(path)
    }
    let (null, expected) = try (outcome(.null), outcome(nil))
    trial.expect(
      null == expected, label: "null is absent",
      "`\(path.joined(separator: "."))`: null gives \(null), omitting it gives \(expected)")
  }

  /// Keys of other parts of the kind.
  private static func expectSiblings(
    _ config: JSONObject, _ options: JSON, _ build: ConfigBuild, _ subject: Subject,
    _ trial: inout Trial
  ) throws {
    let own = Set(subject.entry.keys)
    // A wrapper has no siblings: the dispatch is always the same. What it wraps has some.
    guard subject.entry.nested.isEmpty else {
      try expectNestedSibling(config, build, subject, &trial)
      return
    }
    var tried: Set<String> = []
    for sibling in subject.registry.entries(subject.entry.kind) {
      for key in sibling.keys where !own.contains(key) && tried.insert(key).inserted {
        for value in siblingValues(sibling, key) {
          try expectSibling(key, value, config, options, build, &trial)
        }
      }
    }
    // One dictionary may serve all sublayers, and dropout is theirs.
    if subject.entry.kind == .positionEmbedding, !own.contains("dropout") {
      try expectSibling("dropout", 0.5, config, options, build, &trial)
    }
    let outcome = try build.outcome(config.merging(["zoo_key": 1]))
    trial.expect(
      outcome.isUnknown("zoo_key"), label: "an unknown key",
      "a key that no part declares gives \(outcome)")
    // Read by its type, a configuration knows its own keys only, in this spelling.
    for key in subject.entry.keys.map(camelCase) + ["zoo_key"] where !own.contains(key) {
      let error = trial.throwsError(PartError.self, label: "an unknown key of the type") {
        _ = try subject.entry.claims(for: .object(config.merging([key: 1])))
      }
      guard let error else { continue }
      let isUnknown = if case .unknownKey(key, _, _) = error.problem { true } else { false }
      trial.expect(isUnknown, label: "an unknown key of the type", "`\(key)` gives \(error)")
    }
  }

  /// A key of another part that the wrapped one ignores.
  private static func expectNestedSibling(
    _ config: JSONObject, _ build: ConfigBuild, _ subject: Subject, _ trial: inout Trial
  ) throws {
    for (key, inner) in subject.entry.nested {
      guard let nested = config[key]?.object else { continue }
      let siblings = subject.registry.entries(inner.kind).flatMap { sibling in
        sibling.keys.map { (name: $0, value: siblingValues(sibling, $0)[1]) }
      }.filter { !inner.keys.contains($0.name) && subject.entry.filledIn[$0.name] == nil }
      guard !siblings.isEmpty else { continue }
      let (name, value) = siblings[Int(build.seed % UInt64(siblings.count))]
      let given = nested.merging([name: value])
      let report = try build(config.merging([key: .object(given)])).report
      trial.expect(
        report.unused["\(key).\(name)"] == value && report.used["\(key).\(name)"] == nil,
        label: "a sibling's key listed",
        "`\(key).\(name)`: \(value) belongs to a sibling; listed as unused: \(report.unused)")
    }
  }

  /// Values of a sibling's key that request nothing: its default, or any value if it has none.
  private static func siblingValues(_ sibling: PartEntry, _ key: String) -> [JSON] {
    let sample = sibling.sample[key] ?? .null
    return sample.isNull ? [nil, 3] : [nil, sample]
  }

  private static func expectSibling(
    _ key: String, _ value: JSON, _ config: JSONObject, _ options: JSON, _ build: ConfigBuild,
    _ trial: inout Trial
  ) throws {
    do {
      let built = try build(config.merging([key: value]))
      trial.expect(
        built.report.unused[key] == value && built.report.used[key] == nil,
        label: "a sibling's key listed",
        "`\(key)`: \(value) belongs to a sibling; listed as unused: \(built.report.unused)")
      trial.expect(
        try built.part.options == options, label: "a sibling's key without effect",
        "`\(key)`: \(value) belongs to a sibling but changes the options")
    } catch let error as PartError {
      trial.fail(
        label: "a sibling's key accepted",
        "`\(key)`: \(value) belongs to a sibling but throws: \(error)")
    }
  }
}

/// A key in another spelling, such as `numHeads` for `num_heads`.
private func camelCase(_ key: String) -> String {
  let words = key.split(separator: "_")
  return words.prefix(1).joined()
    + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
}

/// The objects in a value, itself included, and where they are.
private func objects(in json: JSON, at path: [String] = []) -> [([String], JSONObject)] {
  switch json {
  case .object(let object):
    [(path, object)] + object.flatMap { objects(in: $0.value, at: path + [$0.key]) }
  case .array(let list):
    list.enumerated().flatMap { objects(in: $0.element, at: path + ["\($0.offset)"]) }
  default: []
  }
}

/// What is at a place in a value.
private func value(at path: [String], in json: JSON) -> JSON? {
  path.reduce(json) { json, step in
    json?.array.flatMap { list in Int(step).map { list[$0] } } ?? json?[step]
  }
}

/// The value with another one, or none, at a place.
private func replaced(_ json: JSON, at path: ArraySlice<String>, by value: JSON?) -> JSON {
  guard let step = path.first else { return value ?? json }
  let isLast = path.count == 1
  func inner(_ old: JSON) -> JSON? {
    isLast ? value : replaced(old, at: path.dropFirst(), by: value)
  }
  if var list = json.array, let place = Int(step), list.indices.contains(place) {
    list[place] = inner(list[place]) ?? .null
    return .array(list)
  }
  guard var object = json.object, isLast || object[step] != nil else { return json }
  object[step] = inner(object[step] ?? .null)
  return .object(object)
}

/// Builds the part under test from a configuration.
private struct ConfigBuild {
  let subject: Subject
  let seed: UInt64

  init(_ setting: Setting) {
    subject = setting.subject
    seed = setting.scenario.parameterSeed
  }

  func callAsFunction(_ config: JSONObject) throws -> BuiltPart {
    try subject.registry.build(
      subject.entry.kind, subject.entry.name, .object(config), generator: Generator(seed: seed))
  }

  /// The options of the built part, or the reason why it was refused.
  enum Outcome: Equatable, CustomStringConvertible {
    case success(JSON)
    case failure(PartError)

    var description: String {
      switch self {
      case .success(let options): "\(options)"
      case .failure(let error): "the error: \(error)"
      }
    }

    /// The same, whether the options hold a null there or not.
    func without(_ path: [String]) -> Outcome {
      guard case .success(let options) = self, value(at: path, in: options)?.isNull == true else {
        return self
      }
      return .success(replaced(options, at: path[...], by: nil))
    }

    /// Whether it is refused since no part declares a key.
    func isUnknown(_ key: String) -> Bool {
      guard case .failure(let error) = self, case .unknownKey(key, _, _) = error.problem else {
        return false
      }
      return true
    }
  }

  func outcome(_ config: JSONObject) throws -> Outcome {
    do { return .success(try self(config).part.options) } catch let error as PartError {
      return .failure(error)
    }
  }
}
