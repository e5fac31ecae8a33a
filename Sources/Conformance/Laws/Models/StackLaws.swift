internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// B03: where each attention is causal, so is the model; with a single one that is not, an output
  /// depends on a later token. Causality that is asked of a stack or a dispatch, which have no such
  /// option, is refused.
  static let causalStack = Law(
    .causalStack, trials: 12, witness: "modelLayerNotCausal", needs: [.definition("model")],
    obstacle: { subject, _ in
      subject.lacks("not causal") { causal($0, in: subject.registry) != nil }
    },
    plan: ScenarioPlan(fills: .small, masks: .none, dropout: false, minimumLength: 2) { _ in
      [.number("layer", below: 8)]
    }
  ) { setting, trial in
    let registry = setting.subject.registry
    let suitable = try setting.stacks { causal($0, in: registry) != nil }.inSingleLayers
    guard let stacks = causal(suitable, in: registry) else { return }
    let name = stacks.contains { $0.blockType == "decoder" } ? "tgt" : "src"
    let model = try setting.model(stacks)
    let inputs = try setting.inputs(of: model)
    let output = try model.run(inputs)
    let length = try inputs.tensor(name).size(1)
    // A class token in front sees nothing of the others.
    let front = output.size(1) - length
    func changed(from position: Int) throws -> [String: Tensor] {
      try model.changing(inputs, name, position..<length)
    }
    for position in 1..<length {
      let rows = 0..<front + position
      try trial.unchanged(
        model.run(changed(from: position)).slice(1, rows), output.slice(1, rows),
        label: "later tokens")
    }
    let layers = stacks.indices.filter { name == "src" || stacks[$0].blockType == "decoder" }
    let chosen = try layers[setting.number("layer") % layers.count]
    var open = stacks
    open[chosen] = Self.setting(causal: false, in: stacks[chosen])
    let leaking = try setting.model(open)
    let moved = try (1..<length).contains { position in
      let rows = 0..<front + position
      return try movedRows(
        leaking.run(changed(from: position)).slice(1, rows), leaking.run(inputs).slice(1, rows)
      ).contains(true)
    }
    trial.expect(
      moved, label: "a layer that is not causal",
      "no output moves with later tokens, although layer \(chosen) is not causal")
    trial.refusesModel(
      setting.config(stacks.with(["causal": true])), naming: "causal", setting)
    for key in selfAttentions where stacks[chosen][key] != nil {
      let asking = OptionAxis.setting(true, at: [key, "causal"], in: .object(stacks[chosen]))
      var asked = stacks
      asked[chosen] = asking.object ?? [:]
      trial.refusesModel(setting.config(asked), naming: "causal", setting)
    }
  }

  private static let selfAttentions = ["multi_head_config", "multi_head_config_masked"]

  private static func setting(causal: Bool, in stack: JSONObject) -> JSONObject {
    selfAttentions.reduce(stack) { stack, key in
      guard stack[key]?["attention"] != nil else { return stack }
      let changed = OptionAxis.setting(
        .bool(causal), at: [key, "attention", "causal"], in: .object(stack))
      return changed.object ?? stack
    }
  }

  /// The stacks with attentions that are causal, if these and their other parts can be.
  private static func causal(_ stacks: [JSONObject], in registry: Registry) -> [JSONObject]? {
    let hasDecoder = stacks.contains { $0.blockType == "decoder" }
    var result: [JSONObject] = []
    for stack in stacks {
      guard stack.blockType == "decoder" || !hasDecoder else {
        result.append(stack)
        continue
      }
      let causal = setting(causal: true, in: stack)
      func claims(_ kind: Kind, _ key: String, _ name: JSON?) -> Claims? {
        let given = causal[key] ?? .null
        let own = OptionAxis.setting(stack["dim_model"] ?? .null, at: ["dim_model"], in: given)
        let entry = try? registry.entry(kind, name?.string ?? given["name"]?.string ?? "")
        return entry.flatMap { entry in
          let named = own.object?.removing("name") ?? [:]
          return try? entry.claims(for: .object(named), in: registry)
        }
      }
      let attentions = selfAttentions.filter { causal[$0] != nil }.map {
        claims(.multihead, $0, causal[$0]?["attention"]?["name"])
      }
      guard attentions.allSatisfy({ $0?.causal == .always }),
        causal["patch_embedding_config"] == nil,
        claims(.feedforward, "feedforward_config", nil)?.tokenWise == true
      else { return nil }
      result.append(causal)
    }
    return result
  }

  /// B04: the first layer of all embeds positions, the first of a stack makes patches, the last of all
  /// is followed by the final normalization and the simplices; n layers of a stack are n stacks of
  /// one; building again gives the same.
  static let layerPosition = Law(
    .layerPosition, trials: 12, witness: "finalNormEverywhere", needs: [.definition("model")],
    plan: ScenarioPlan(fills: .small, dropout: false) { _ in [.number("layers", below: 2)] }
  ) { setting, trial in
    let count = try setting.number("layers") + 2
    let stacks = try setting.stacks().with(["num_layers": .integer(count)])
    let model = try setting.model(stacks)
    for (list, type) in [("encoders", "encoder"), ("decoders", "decoder")] {
      let own = stacks.filter { $0.blockType == type }
      guard let first = own.first, let last = own.last else { continue }
      let style = last["residual_norm_style"]?.string ?? "post"
      let layers = model.definedLayers(list)
      trial.compared(layers.count)
      trial.expect(
        layers.count == own.count * count, label: "the number of layers",
        "\(list): \(layers.count), expected \(own.count * count)")
      for (number, layer) in layers.enumerated() {
        let isLast = number == layers.count - 1
        for (key, isHere) in [
          ("position", number == 0 && first["position_encoding_config"] != nil),
          ("patch", number % count == 0 && own[number / count]["patch_embedding_config"] != nil),
          ("final_norm", isLast && last["final_norm"]?.bool ?? (style == "pre")),
          ("simplicial", isLast && last["simplicial_embeddings"] != nil),
        ] {
          trial.expect(
            (layer[key] != nil) == isHere, label: "the places of parts",
            "\(list).\(number) has \(isHere ? "no" : "a") `\(key)`")
        }
      }
    }
    let inputs = try setting.inputs(of: model)
    let output = try model.run(inputs)
    let single = try setting.model(stacks.inSingleLayers)
    trial.expect(
      single.stateKeys == model.stateKeys, label: "the keys of stacks of one layer",
      "\(single.stateKeys), expected \(model.stateKeys)")
    try trial.unchanged(single.run(inputs), output, label: "stacks of one layer")

    let config = setting.config(stacks)
    let states = try (0..<2).map { _ in
      try setting.subject.build(config, seed: setting.scenario.parameterSeed).stateDict
    }
    trial.expect(states[0].keys == states[1].keys, label: "the keys of a second build")
    for (key, value) in states[0].sorted(by: { $0.key < $1.key }) {
      try trial.unchanged(states[1][key] ?? value * 0, value, label: "a second build")
    }
    try expectFinalNorm(stacks, setting, &trial)
  }

  /// Compares a model with its final normalization and the same one without.
  private static func expectFinalNorm(
    _ stacks: [JSONObject], _ setting: Setting, _ trial: inout Trial
  ) throws {
    let bare = stacks.map { $0.removing("simplicial_embeddings") }
    let normed = try setting.model(bare.with(["final_norm": true]))
    let inputs = try setting.inputs(of: normed)
    let output = try normed.run(inputs)
    let plain = try setting.model(bare.with(["final_norm": false]))
    try plain.load(roles: normed)
    try plain.inject(normed.drawn)
    if bare.allSatisfy({ $0["residual_norm_style"] == "pre" }) {
      // The original of several layers has no final normalization: that of the model stays as it is.
      let (state, before) = (plain.stateDict, try plain.run(inputs))
      try plain.load(original: state)
      // Some parts lay out numbers as the original does not.
      if try compare(plain.run(inputs), before, .bits).isEqual {
        try normed.load(original: state)
        try trial.unchanged(
          normed.run(inputs), output, label: "loaded without a final normalization")
      }
      try plain.load(roles: normed)
    }
    let handmade = try HandmadeModel(bare.with(["final_norm": true]), of: normed, setting)
    // The memory of a decoder is normalized, too.
    guard handmade.decoders.isEmpty, let norm = handmade.encoders.last?.finalNorm else { return }
    try trial.unchanged(norm(plain.run(inputs)), output, label: "one final normalization")
  }
}
