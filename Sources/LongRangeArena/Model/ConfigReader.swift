internal import Catalogue
internal import JSON
internal import Parts
internal import Support

/// Reads a section of a configuration and collects its problems, each with its path.
struct ConfigReader {
  let path: String
  let attention: String
  let registry: Registry
  private(set) var problems: [PartError] = []
  /// Mistakes that change nothing for this attention.
  private(set) var notes: [String] = []
  /// The options of a section for all attentions that this one cannot have.
  private var withoutEffect: [String: JSON] = [:]

  init(path: String, attention: String, registry: Registry) {
    self.path = path
    self.attention = attention
    self.registry = registry
  }

  /// Where the stacks are.
  var stackPath: String { "\(path).model.xformer" }

  /// What a section holds.
  struct Section {
    let training: TrainingConfig
    let common: CommonConfig
    let pooling: Pooling
    let stacks: JSON
    let report: BuildReport
  }

  /// Attentions for which configurations of the original have settings, and which it no longer had.
  private static let former: Set = ["sinkhorn", "lsh_reformer", "longshort"]

  mutating func read(_ section: JSONObject) -> Section? {
    refuseUnknown(section, known: ["dataset", "training", "model", "extra_settings"], at: path)
    checkDataset(section["dataset"])
    let training = decode(TrainingConfig.self, section, "training", at: path)
    guard let model = object(section, "model", at: path) else { return nil }
    let place = "\(path).model"
    refuseUnknown(
      model, known: ["pooling_mode", "common", "xformer", "extra_settings"], at: place)
    let pooling = pooling(model["pooling_mode"])
    let common = decode(CommonConfig.self, model, "common", at: place)
    let shared = try? common?.json.object
    let extra = extraSettings(
      [("\(place).extra_settings", model), ("\(path).extra_settings", section)], shared)
    guard let list = model["xformer"] else {
      note(.missingKey(key: stackPath))
      return nil
    }
    guard let given = list.array else {
      note(.value(key: stackPath, expected: "a list of stacks", got: list.kindName))
      return nil
    }
    guard let common, let shared else { return nil }
    let before = problems.count
    let stacks = given.enumerated().map { index, stack in
      merged(stack, shared, extra, at: "\(stackPath)[\(index)]")
    }
    guard problems.count == before else { return nil }
    var (found, report) = registry.checkModel(.array(stacks), under: stackPath)
    problems += found
    for (key, value) in withoutEffect {
      report.unused[key] = value
      report.reasons[key] = "\(attention) makes its own heads, with nothing around it"
    }
    guard problems.isEmpty, let training, let pooling else { return nil }
    return Section(
      training: training, common: common, pooling: pooling, stacks: .array(stacks), report: report)
  }

  private mutating func note(_ problem: PartError.Problem) { problems.append(PartError(problem)) }

  private mutating func refuseUnknown(_ object: JSONObject, known: [String], at place: String) {
    for key in object.keys where !known.contains(key) {
      note(.unknownKey(key: "\(place).\(key)", known: known))
    }
  }

  /// The object of a key that must be there.
  private mutating func object(_ outer: JSONObject, _ key: String, at place: String) -> JSONObject?
  {
    guard let value = outer[key] else {
      note(.missingKey(key: "\(place).\(key)"))
      return nil
    }
    guard let object = value.object else {
      note(.value(key: "\(place).\(key)", expected: "an object", got: value.kindName))
      return nil
    }
    return object
  }

  private mutating func decode<C: PartConfig>(
    _ type: C.Type, _ outer: JSONObject, _ key: String, at place: String
  ) -> C? {
    guard let given = object(outer, key, at: place) else { return nil }
    let found = type.problems(in: given)
    problems += found.map { $0.inside("\(place).\(key)") }
    return found.isEmpty ? try? type.decode(.object(given)) : nil
  }

  private mutating func pooling(_ value: JSON?) -> Pooling? {
    guard let value, !value.isNull else { return .mean }
    let mode = value.string.flatMap(Pooling.init)
    if mode == nil {
      note(
        .value(
          key: "\(path).model.pooling_mode",
          expected: Pooling.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "),
          got: value.description))
    }
    return mode
  }

  /// The sizes of splits say what a configuration was made for; nothing depends on them.
  private mutating func checkDataset(_ value: JSON?) {
    guard let value, !value.isNull else { return }
    let place = "\(path).dataset"
    guard let sizes = value.object else {
      return note(.value(key: place, expected: "an object", got: value.kindName))
    }
    refuseUnknown(sizes, known: ArenaSplit.allCases.map(\.rawValue), at: place)
  }

  /// The settings of the attention that runs, from any of some places; of others, what nothing knows
  /// is noted.
  ///
  /// - `shared`: nil if they have problems of their own, without which values cannot be judged.
  private mutating func extraSettings(
    _ places: [(path: String, outer: JSONObject)], _ shared: JSONObject?
  ) -> JSONObject {
    var own = JSONObject()
    for (place, outer) in places {
      guard let value = outer["extra_settings"], !value.isNull else { continue }
      guard let settings = value.object else {
        note(.value(key: place, expected: "an object", got: value.kindName))
        continue
      }
      refuseUnknown(settings, known: ["attention"], at: place)
      guard settings["attention"] != nil,
        let all = object(settings, "attention", at: place)
      else { continue }
      for (name, value) in all where !Self.former.contains(name) {
        let isOwn = name == attention
        let (settings, found) = attentionSettings(
          name, value, isOwn ? shared : nil, at: "\(place).attention.\(name)")
        if isOwn { own = own.merging(settings) }
        let isKnown = (try? registry.entry(.attention, name)) != nil
        // A slip in the name of this one would lose its settings.
        if isOwn || !isKnown && nearest(name, among: [attention]) != nil {
          problems += found
        } else {
          notes += found.map { "in settings of an attention that is not trained: \($0)" }
        }
      }
    }
    return own
  }

  /// The settings of an attention and their problems; without shared values only unknown names.
  private func attentionSettings(
    _ name: String, _ value: JSON, _ shared: JSONObject?, at place: String
  ) -> (JSONObject, [PartError]) {
    guard let given = value.object else {
      return ([:], [PartError(.value(key: place, expected: "an object", got: value.kindName))])
    }
    do {
      let entry = try registry.entry(.attention, name)
      let filled = JSONObject((shared ?? [:]).filter { entry.keys.contains($0.key) })
      let found = entry.problems(filled.merging(given)).filter {
        switch $0.problem {
        case .missingKey: false
        case .unknownKey: true
        default: shared != nil
        }
      }
      return (found.isEmpty ? given : [:], found.map { $0.inside(place) })
    } catch {
      return ([:], [PartError(error.problem, part: place)])
    }
  }

  /// A stack whose parts have what all share.
  private mutating func merged(
    _ stack: JSON, _ shared: JSONObject, _ extra: JSONObject, at place: String
  ) -> JSON {
    guard var own = stack.object else {
      note(.value(key: place, expected: "an object", got: stack.kindName))
      return stack
    }
    fill(&own, shared, ["dim_model"], at: place)
    for (key, kind) in [
      ("position_encoding_config", Kind.positionEmbedding), ("feedforward_config", .feedforward),
    ] {
      guard var options = own[key]?.object else { continue }
      let entry = options["name"]?.string.flatMap { try? registry.entry(kind, $0) }
      fill(&options, shared, entry?.keys ?? [], at: "\(place).\(key)")
      own[key] = .object(options)
    }
    if var heads = own["multi_head_config"]?.object {
      let inside = "\(place).multi_head_config"
      fill(&heads, shared, (try? MultiHeadConfig.keys) ?? [], at: inside)
      var options = heads["attention"]?.object ?? [:]
      options["name"] = .string(attention)
      let entry = try? registry.entry(.attention, attention)
      fill(&options, shared, entry?.keys ?? [], at: "\(inside).attention", unless: extra)
      heads["attention"] = .object(options.merging(extra))
      let claims = entry.flatMap { try? $0.claims(for: $0.sample, in: registry) }
      if claims?.heads == .owned, let rate = heads.removeValue(forKey: "residual_dropout") {
        withoutEffect["\(inside).residual_dropout"] = rate
      }
      own["multi_head_config"] = .object(heads)
    }
    return .object(own)
  }

  /// Gives shared values to the keys that a part has; other values of its own are contradictions.
  private mutating func fill(
    _ options: inout JSONObject, _ shared: JSONObject, _ keys: [String], at place: String,
    unless extra: JSONObject = [:]
  ) {
    for (key, value) in shared where keys.contains(key) && extra[key] == nil {
      let given = options[key] ?? .null
      if given.isNull {
        options[key] = value
      } else if given != value {
        note(
          .value(
            key: "\(place).\(key)", expected: "\(value), as in \(path).model.common, or nothing",
            got: given.description))
      }
    }
  }
}
