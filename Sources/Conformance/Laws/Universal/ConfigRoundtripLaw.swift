internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U16: a configuration survives JSON, every key given reaches the part, absent keys take the
  /// documented default, and keys of sibling parts are accepted, listed and without effect.
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

  /// What was given is what the part holds and what the report says; the rest is the sample's.
  private static func expectReceived(
    _ config: JSONObject, _ options: JSON, _ report: BuildReport, _ entry: PartEntry,
    _ trial: inout Trial
  ) throws {
    for (key, value) in config {
      let held = options[key]
      trial.expect(
        value.isNull || held == value, label: "a key given",
        "`\(key)`: \(value) was given, the part holds \(held ?? nil)")
    }
    for key in entry.keys where !entry.required.contains(key) && config[key]?.isNull ?? true {
      let (held, documented) = (options[key] ?? .null, entry.sample[key] ?? .null)
      trial.expect(
        held == documented, label: "a key left out",
        "`\(key)` was left out: the part holds \(held), the documented default is \(documented)")
      trial.expect(
        report.defaults[key] == documented, label: "a default reported",
        "`\(key)` was left out: the report says \(report.defaults[key] ?? nil)")
    }
    for (key, value) in config where !value.isNull && entry.nested[key] == nil {
      trial.expect(
        report.used[key] == value, label: "a key reported",
        "`\(key)`: \(value) was given, the report says \(report.used[key] ?? nil)")
    }
    for (key, inner) in entry.nested {
      for (name, value) in config[key]?.object ?? [:] where name != "name" && !value.isNull {
        trial.expect(
          report.used["\(key).\(name)"] == value, label: "a key of \(inner.title) reported",
          "`\(key).\(name)`: \(value) was given, the report says "
            + "\(report.used["\(key).\(name)"] ?? nil)")
      }
    }
    trial.expect(report.unused.isEmpty, label: "unused", "unused keys: \(report.unused)")
  }

  /// Options written, read and built again are the same; numbers may be written in any way.
  private static func expectRoundtrip(
    _ config: JSONObject, _ options: JSON, _ build: ConfigBuild, _ trial: inout Trial
  ) throws {
    let read = try JSON(parsing: Array(options.text().utf8))
    let again = try build(read.object ?? [:]).part.options
    trial.expect(
      again == options, label: "written and read", "\(options) written and read is \(again)")
    let fractions = try build(fractional(.object(config)).object ?? [:]).part.options
    trial.expect(
      fractions == options, label: "4.0 for 4",
      "whole numbers with a fraction give \(fractions), not \(options)")
    var named = config
    named["name"] = .string(build.subject.entry.name)
    try trial.expect(
      build(named).part.options == options, label: "the own name", "the part's name is refused")
  }

  /// The same with every whole number as a fraction.
  private static func fractional(_ json: JSON) -> JSON {
    switch json {
    case .integer(let value): .number(Double(value))
    case .array(let values): .array(values.map(fractional))
    case .object(let object): .object(JSONObject(object.map { ($0.key, fractional($0.value)) }))
    default: json
    }
  }

  /// A key that is left out and one that is null are the same.
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
        "`\(key)`: null gives \(outcome), left out it gives \(expected)")
      guard case .success(let options) = expected else { continue }
      let (held, documented) = (options[key] ?? .null, entry.sample[key] ?? .null)
      trial.expect(
        held == documented, label: "the documented default",
        "`\(key)` is left out: the part holds \(held), documented is \(documented)")
    }
  }

  /// Keys of other parts of the kind.
  private static func expectSiblings(
    _ config: JSONObject, _ options: JSON, _ build: ConfigBuild, _ subject: Subject,
    _ trial: inout Trial
  ) throws {
    let own = Set(subject.entry.keys)
    // Around a part there are no siblings: the dispatch is one and the same.
    guard subject.entry.nested.isEmpty else { return }
    var tried: Set<String> = []
    for sibling in subject.registry.entries(subject.entry.kind) {
      for key in sibling.keys where !own.contains(key) && tried.insert(key).inserted {
        for value in siblingValues(sibling, key) {
          try expectSibling(key, value, config, options, build, &trial)
        }
        var asking = config
        asking[key] = true
        guard Self.capabilities.contains(key) else { continue }
        let outcome = try build.outcome(asking)
        trial.expect(
          outcome.isUnsupported(key), label: "a capability asked for",
          "`\(key)`: true asks for what the part cannot give, and gives \(outcome)")
      }
    }
    let outcome = try build.outcome(config.merging(["zoo_key": 1]))
    trial.expect(
      outcome.isUnknown("zoo_key"), label: "an unknown key",
      "a key that no part declares gives \(outcome)")
  }

  /// Keys of siblings by which a configuration asks for behaviour.
  private static let capabilities: Set<String> = [
    "causal", "use_rotary_embeddings", "add_class_token",
  ]

  /// What a sibling's key may hold without asking for anything: its default, or any value of a key
  /// that has none.
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
        "`\(key)`: \(value) is a sibling's; listed as unused: \(built.report.unused)")
      trial.expect(
        try built.part.options == options, label: "a sibling's key without effect",
        "`\(key)`: \(value) is a sibling's and changes the options")
    } catch let error as PartError {
      trial.fail(
        label: "a sibling's key accepted", "`\(key)`: \(value) is a sibling's, yet: \(error)")
    }
  }
}

/// Builds the part under judgement from a configuration.
private struct ConfigBuild {
  let subject: Subject
  private let seed: UInt64

  init(_ setting: Setting) {
    subject = setting.subject
    seed = setting.scenario.parameterSeed
  }

  func callAsFunction(_ config: JSONObject) throws -> BuiltPart {
    try subject.registry.build(
      subject.entry.kind, subject.entry.name, .object(config), generator: Generator(seed: seed))
  }

  /// The options of the part that is built, or why it is refused.
  enum Outcome: Equatable, CustomStringConvertible {
    case success(JSON)
    case failure(PartError)

    var description: String {
      switch self {
      case .success(let options): "\(options)"
      case .failure(let error): "the error: \(error)"
      }
    }

    /// Whether it is refused since it asks by a key for what the part cannot give.
    func isUnsupported(_ key: String) -> Bool {
      if case .failure(let error) = self { error.isAbout(valueOf: key) } else { false }
    }

    /// Whether it is refused since no part declares a key.
    func isUnknown(_ key: String) -> Bool {
      guard case .failure(let error) = self, case .unknownKey(key, _) = error.problem else {
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
