internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension JSONObject {
  /// Whether a stack reads the source or writes the target.
  var blockType: String { self["block_type"]?.string ?? "" }
  /// The number of layers of a stack.
  var layers: Int { self["num_layers"]?.int ?? 1 }

  /// The stacks of a configuration of a model; those of an object are named by its keys.
  var stacks: [JSONObject] {
    let stacks = self["stack_configs"] ?? .null
    return (stacks.array ?? stacks.object?.map(\.value) ?? []).compactMap(\.object)
  }
}

extension [JSONObject] {
  /// As many stacks of one layer.
  var inSingleLayers: [JSONObject] {
    flatMap { stack in
      (0..<stack.layers).map { number in
        let single = stack.merging(["num_layers": 1])
        return number == 0 ? single : single.removing("patch_embedding_config")
      }
    }
  }

  /// The stacks with other options in some of them.
  func with(_ options: JSONObject, where isMeant: (JSONObject) -> Bool = { _ in true })
    -> [JSONObject]
  {
    map { isMeant($0) ? $0.merging(options) : $0 }
  }
}

extension Setting {
  /// The stacks of the configuration, or those of the sample if only these are suitable.
  func stacks(where isSuitable: ([JSONObject]) -> Bool = { _ in true }) throws -> [JSONObject] {
    for config in [scenario.config, subject.entry.sample] {
      if let stacks = config.object?.stacks, isSuitable(stacks) { return stacks }
    }
    throw KitError("no stacks of `\(subject.title)` are suitable")
  }

  /// The configuration with other stacks and maybe other options.
  func config(_ stacks: [JSONObject], _ options: JSONObject = [:]) -> JSON {
    .object(
      (scenario.config.object ?? [:]).merging(options)
        .merging(["stack_configs": .array(stacks.map { .object($0) })]))
  }

  /// A model of these stacks in evaluation mode.
  func model(_ stacks: [JSONObject], _ options: JSONObject = [:]) throws -> any PartModule {
    try part(in: config(stacks, options), settled: false)
  }

  /// The inputs of a model of the configuration, or of another one at the same lengths.
  func inputs(of model: any PartModule) throws -> [String: Tensor] {
    try call(of: model, scenario.lengths)
  }
}

extension Trial {
  /// Checks that a model is refused because of an option, which the error names.
  mutating func refusesModel(_ config: JSON, naming key: String, _ setting: Setting) {
    let error = throwsError(PartError.self, label: "a model with `\(key)`") {
      _ = try setting.subject.build(config, seed: 0)
    }
    guard let error else { return }
    expect(
      error.description.contains(key), label: "the option named",
      "the error does not name `\(key)`: \(error)")
  }
}

extension Subject {
  /// Why laws of stacks cannot judge a part, by what its sample has; nil if they can.
  func lacks(_ reason: String, unless isSuitable: ([JSONObject]) -> Bool) -> String? {
    guard let stacks = entry.sample.object?.stacks, !stacks.isEmpty else { return "no stacks" }
    return isSuitable(stacks) ? nil : reason
  }
}

extension PartModule {
  /// The groups of the definition of a model that describe its layers.
  func definedLayers(_ list: String) -> [JSON] { claims.definition?.options[list]?.array ?? [] }

  /// The inputs with other tokens at some positions of one.
  func changing(_ inputs: [String: Tensor], _ name: String, _ positions: Range<Int>) throws
    -> [String: Tensor]
  {
    let tokens = try inputs.tensor(name)
    let given = try tokens.slice(1, positions)
    var other = try given * -2 + 50
    if case .index(let bound)? = signature.inputs.first(where: { $0.name == name })?.element {
      let next = try given + 1
      other = try next.equals(Double(bound)).select(next * 0, else: next).to(given.dtype)
    }
    let length = tokens.size(1)
    let changed = try Tensor.cat(
      [
        tokens.slice(1, 0..<positions.lowerBound), other,
        tokens.slice(1, positions.upperBound..<length),
      ], 1)
    return inputs.merging([name: changed]) { $1 }
  }

  /// Takes over the parameters of another model that have the same roles in its definition.
  func load(roles other: any PartModule) throws {
    let (own, given) = (
      claims.definition?.parameters ?? [:], other.claims.definition?.parameters ?? [:]
    )
    let state = other.stateDict
    var loaded: [String: Tensor] = [:]
    for (role, key) in own { loaded[key] = given[role].flatMap { state[$0] } }
    try load(loaded, strict: false)
  }
}
