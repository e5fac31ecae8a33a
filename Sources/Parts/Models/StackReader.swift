internal import Catalogue
internal import JSON
internal import Torch

/// Reads the options of stacks and collects their problems and how their keys were used.
struct StackReader {
  let registry: Registry
  var problems: [PartError] = []
  var report = BuildReport()

  init(registry: Registry) { self.registry = registry }

  /// The stack with these options, or nil if there are problems.
  mutating func read(_ json: JSON, at path: String) -> ModelPlan.Stack? {
    guard let given = json.object else {
      note(.value(key: path, expected: "an object", got: "\(json.kindName) \(json)"))
      return nil
    }
    let before = problems.count
    let own = ownKeys(given, StackConfig.self, at: path)
    note(StackConfig.problems(in: own), at: path)
    guard let width = own["dim_model"]?.int, width > 0 else { return nil }
    let isGood = problems.count == before
    let size: JSONObject = ["dim_model": .integer(width)]
    func place(_ key: String) -> String { "\(path).\(key)" }
    let attentions = ["multi_head_config", "multi_head_config_masked", "multi_head_config_cross"]
      .map { key in own[key].map { attention($0, at: place(key), size) } ?? nil }
    let feedforward = own["feedforward_config"].flatMap {
      part(.feedforward, $0, at: place("feedforward_config"), filling: size)
    }
    let position = own["position_encoding_config"].flatMap {
      part(
        .positionEmbedding, $0, at: place("position_encoding_config"), filling: size,
        mayDiffer: true)
    }
    let patch = own["patch_embedding_config"].flatMap {
      part(
        .patchEmbedding, $0, at: place("patch_embedding_config"), named: "conv",
        filling: ["out_channels": .integer(width)])
    }
    let simplicial = own["simplicial_embeddings"].flatMap {
      part(
        .simplicialEmbedding, $0, at: place("simplicial_embeddings"), named: "simplicial",
        filling: [:])
    }
    let style = style(own, at: path)
    let norm = own["normalization"] ?? "layernorm"
    let normalization = part(
      .normalization, norm.string.map { ["name": .string($0)] } ?? norm, at: place("normalization"),
      filling: size)
    guard isGood, problems.count == before, let config = try? StackConfig.decode(.object(own)),
      let style, let normalization, let feedforward, let attention = attentions[0] ?? attentions[1]
    else { return nil }
    return ModelPlan.Stack(
      path: path, config: config, style: style, normalization: normalization,
      attention: attention, cross: attentions[2], feedforward: feedforward, position: position,
      patch: patch, simplicial: simplicial)
  }

  /// Reports what only the first or the last stack of a kind uses.
  mutating func noteUnused(_ stacks: [ModelPlan.Stack]) {
    func ignore(_ stack: ModelPlan.Stack, _ key: String, _ value: JSON?, _ reason: String) {
      guard let value else { return }
      let path = "\(stack.path).\(key)"
      for key in report.used.keys where key == path || key.hasPrefix("\(path).") {
        report.used[key] = nil
      }
      for key in report.defaults.keys where key.hasPrefix("\(path).") {
        report.defaults[key] = nil
      }
      report.unused[path] = value
      report.reasons[path] = reason
    }
    for stack in stacks.dropFirst() {
      ignore(
        stack, "position_encoding_config", stack.config.positionEncodingConfig,
        "the first stack embeds positions")
    }
    for stack in stacks.dropLast() {
      ignore(
        stack, "simplicial_embeddings", stack.config.simplicialEmbeddings,
        "the last stack embeds on simplices")
      ignore(
        stack, "final_norm", stack.config.finalNorm.map { .bool($0) },
        "the last stack has the final normalization")
    }
  }

  private mutating func note(_ problem: PartError.Problem) { problems.append(PartError(problem)) }

  private mutating func note(_ found: [PartError], at path: String) {
    problems += found.map { $0.inside(path) }
  }

  /// The keys of a configuration type; those that the original's runner gives to all are reported.
  private mutating func ownKeys<C: PartConfig>(
    _ given: JSONObject, _ type: C.Type, at path: String
  ) -> JSONObject {
    let known = (try? C.keys) ?? []
    var own = JSONObject()
    for (key, value) in given {
      let place = "\(path).\(key)"
      if known.contains(key) {
        // Null is as good as absent.
        guard !value.isNull else { continue }
        own[key] = value
        if value.object == nil { report.used[place] = value }
      } else if Registry.sharedKeys.contains(key) {
        report.unused[place] = value
        let asks =
          key == "causal" && value.bool == true
          || C.self == StackConfig.self
            && key == "dropout" && (value.double ?? 0) > 0
        if asks {
          note(
            .unsupported(
              feature: "`\(place)`: \(value)", reason: "it belongs in the options of the parts"))
        }
      } else if key == "layer_norm_style" {
        note(
          .unsupported(feature: "`\(place)`", reason: "the key is now called `residual_norm_style`")
        )
      } else {
        note([PartError(.unknownKey(key: key, known: known))], at: path)
      }
    }
    for key in known where own[key] == nil && !C.required.contains(key) {
      report.defaults["\(path).\(key)"] = C.usual(key)
    }
    return own
  }

  /// A part that is named by its options, which get sizes of the stack.
  private mutating func part(
    _ kind: Kind, _ json: JSON, at path: String, named usual: String? = nil,
    filling sizes: JSONObject, mayDiffer: Bool = false
  ) -> ModelPlan.Part? {
    guard let (entry, given) = named(kind, json, at: path, usual) else { return nil }
    let before = problems.count
    let sorted = registry.sorted(given, for: entry)
    var own = JSONObject(sorted.own.filter { !$0.value.isNull })
    note(fill(&own, sizes, entry.keys, mayDiffer: mayDiffer), at: path)
    note(sorted.problems + entry.problems(own), at: path)
    guard problems.count == before else { return nil }
    guard entry.isUnary else {
      note(
        .unsupported(
          feature: "`\(path)`: \(json)",
          reason: "the part maps more than tokens; an attention uses it by an option of its own"))
      return nil
    }
    report.add(sorted.report, under: path)
    return planned(entry, .object(own), at: path)
  }

  private mutating func named(_ kind: Kind, _ json: JSON, at path: String, _ usual: String?)
    -> (PartEntry, JSONObject)?
  {
    guard let given = json.object else {
      note(
        .value(key: path, expected: "an object with a `name`", got: "\(json.kindName) \(json)"))
      return nil
    }
    guard let name = given["name"] ?? usual.map({ .string($0) }) else {
      note(.missingKey(key: "\(path).name"))
      return nil
    }
    return entry(kind, name, at: "\(path).name").map { ($0, given) }
  }

  private mutating func entry(_ kind: Kind, _ name: JSON, at path: String) -> PartEntry? {
    guard let text = name.string else {
      note(.value(key: path, expected: "a string", got: "\(name.kindName) \(name)"))
      return nil
    }
    do { return try registry.entry(kind, text) } catch {
      problems.append(PartError(error.problem, part: path))
      return nil
    }
  }

  /// Fills sizes in, and returns the contradictions.
  private func fill(
    _ own: inout JSONObject, _ sizes: JSONObject, _ keys: [String], mayDiffer: Bool = false
  ) -> [PartError] {
    var problems: [PartError] = []
    for (key, size) in sizes where keys.contains(key) {
      let given = own[key] ?? .null
      if given.isNull { own[key] = size }
      guard !given.isNull, given.double != nil, given.double != size.double, !mayDiffer else {
        continue
      }
      problems.append(
        PartError(
          .value(key: key, expected: "\(size), the width of the stack", got: given.description)))
    }
    return problems
  }

  private mutating func planned(_ entry: PartEntry, _ options: JSON, at path: String)
    -> ModelPlan.Part?
  {
    do {
      return ModelPlan.Part(
        entry: entry, options: options, claims: try entry.claims(for: options, in: registry),
        path: path)
    } catch {
      note(
        [error as? PartError ?? PartError(.unsupported(feature: entry.title, reason: "\(error)"))],
        at: path)
      return nil
    }
  }

  /// The dispatch of heads around the attention that the options name.
  private mutating func attention(_ json: JSON, at path: String, _ size: JSONObject)
    -> ModelPlan.Part?
  {
    guard let given = json.object else {
      note(.value(key: path, expected: "an object", got: "\(json.kindName) \(json)"))
      return nil
    }
    let before = problems.count
    var own = ownKeys(given, MultiHeadConfig.self, at: path)
    note(fill(&own, size, ["dim_model"]), at: path)
    note(MultiHeadConfig.problems(in: own), at: path)
    let place = "\(path).attention"
    guard let inner = own["attention"], inner.object != nil, inner["name"] != nil,
      let (entry, options) = named(.attention, inner, at: place, nil)
    else { return nil }
    var sizes = options
    if problems.count == before, let config = try? MultiHeadConfig.decode(.object(own)) {
      sizes = MultiHeadDispatch.attentionOptions(config, entry).object ?? options
    }
    let sorted = registry.sorted(options, for: entry)
    let complete = registry.sorted(sizes, for: entry).own
    note(
      sorted.problems
        + entry.problems(complete).filter { problem in
          guard case .missingKey(let key) = problem.problem else { return true }
          return MultiHeadDispatch.filledIn[key] == nil
        }, at: place)
    report.add(sorted.report, under: place)
    guard problems.count == before, let dispatch = try? registry.entry(.multihead, entry.name)
    else { return nil }
    return planned(dispatch, .object(own), at: path)
  }

  private mutating func style(_ own: JSONObject, at path: String) -> PartEntry? {
    let name = own["residual_norm_style"] ?? "post"
    return name.string == nil ? nil : entry(.residual, name, at: "\(path).residual_norm_style")
  }
}
