internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// B02: in the style `pre`, without output projections and feedforwards the layers return their
  /// input, and only the stem and what follows the last layer remain; without output projections
  /// alone, x + FFN(LN x).
  static let zeroedBranches = Law(
    .zeroedBranches, trials: 12, witness: "modelResidualMissing", needs: [.definition("model")],
    plan: ScenarioPlan(fills: .small, dropout: false)
  ) { setting, trial in
    let stacks = try setting.stacks().with(["residual_norm_style": "pre"])
    let model = try setting.model(stacks)
    let inputs = try setting.inputs(of: model)
    // Draws are made in the first call.
    _ = try model.run(inputs)
    let roles = model.claims.definition?.parameters ?? [:]
    func zero(_ places: [String]) throws {
      var state: [String: Tensor] = [:]
      for (role, key) in roles where places.contains(where: role.contains) {
        state[key] = try model.stateDict[key].map { try $0 * 0 }
      }
      try model.load(state, strict: false)
    }
    // A mixer without an output projection goes on.
    func isSilent(_ role: String) -> Bool { roles["\(role).out_weight"] != nil }
    try zero([".out_weight", ".out_bias"])
    var handmade = try HandmadeModel(stacks, of: model, setting)
    handmade.isLeftOut = isSilent
    try trial.equal(
      model.run(inputs), handmade.run(inputs), .exact(), label: "without output projections")
    try zero([".wrap_ff.sublayer.", ".g.sublayer."])
    handmade = try HandmadeModel(stacks, of: model, setting)
    handmade.isLeftOut = {
      isSilent($0) || $0.hasSuffix(".wrap_ff.sublayer") || $0.hasSuffix(".g.sublayer")
    }
    try trial.unchanged(model.run(inputs), handmade.run(inputs), label: "without feedforwards, too")
  }

  /// B06: the model of a configuration is what its parts give, built one by one with the same weights
  /// and composed by hand, also where stacks leave out what they have defaults for; its auxiliary loss
  /// is the sum of those of its parts.
  static let configEqualsCode = Law(
    .configEqualsCode, trials: 18, witness: "modelNormalizationIgnored",
    needs: [.definition("model")], plan: ScenarioPlan(dropout: false)
  ) { setting, trial in
    let inputs = try setting.inputs()
    let stacks = try setting.stacks()
    for (label, own) in [
      ("composed by hand", stacks),
      ("with a final normalization", stacks.with(["final_norm": true])),
      (
        "on simplices",
        stacks.with(["final_norm": true]).with(["simplicial_embeddings": ["L": 1]]) {
          $0.blockType == "encoder"
        }
      ),
      ("with defaults", stacks.map(\.withoutDefaults)),
    ] {
      let model = try setting.part(in: setting.config(own))
      let output = try model.run(inputs)
      let handmade = try HandmadeModel(own, of: model, setting)
      try trial.unchanged(output, handmade.run(inputs), label: label)
    }
    for options in setting.subject.registry.feedforwardsWithLoss {
      let own = stacks.with(["feedforward_config": .object(options), "num_layers": 2])
      let model = try setting.part(in: setting.config(own))
      let expected = try HandmadeModel(own, of: model, setting).auxiliaryLoss(inputs)
      guard let loss = try model.auxiliaryLoss(inputs), let expected else {
        trial.fail(label: "the auxiliary loss", "the model or each of its parts has none")
        continue
      }
      try trial.equal(loss, expected, .exact(), label: "the auxiliary loss")
    }
  }

  /// B14: in training a model is its parts in training: with any one rate at 1 it gives what they give
  /// composed by hand, and all rates of a configuration reach its dropouts; with stochastic depth, those
  /// of the layers of each kind grow in equal steps from 0 to that of the last.
  static let modelDropout = Law(
    .modelDropout, trials: 12, witness: "modelRateNotPassed", needs: [.definition("model")],
    plan: ScenarioPlan(fills: .small, dropout: false)
  ) { setting, trial in
    let inputs = try setting.inputs()
    let stacks = try setting.stacks()
    let paths = Set(stacks.flatMap { $0.rates(in: setting.subject.registry) })
    for path in paths.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let own = stacks.map { $0.setting(1, at: path, in: setting.subject.registry) }
      let model = try setting.part(in: setting.config(own))
      let handmade = try HandmadeModel(own, of: model, setting)
      model.train()
      for piece in handmade.layers.flatMap(\.pieces) { piece.part.train() }
      let name = path.joined(separator: ".")
      try trial.unchanged(
        model.run(inputs), handmade.run(inputs), label: "all dropped by `\(name)`")
      let half = stacks.map { $0.setting(0.5, at: path, in: setting.subject.registry) }
      let (rates, expected) = try (
        setting.part(in: setting.config(half)).rates,
        HandmadeModel(half, of: setting.part(in: setting.config(half)), setting).rates
      )
      trial.expect(
        rates == expected, label: "the rates", "`\(name)` of 0.5 gives \(rates), not \(expected)")
    }
    // Reversible layers have no residuals that could be left out.
    let deep = stacks.with(["stochastic_depth": 0.5, "num_layers": 2])
    guard !stacks.contains(where: { $0["reversible"]?.bool == true }) else {
      trial.refusesModel(setting.config(deep), naming: "stochastic_depth", setting)
      return
    }
    let model = try setting.part(in: setting.config(deep))
    let handmade = try HandmadeModel(deep, of: model, setting)
    let expected = [handmade.encoders, handmade.decoders].flatMap { layers in
      layers.enumerated().flatMap { number, layer in
        let rate = 0.5 * Double(number + 1) / Double(layers.count)
        return Array(repeating: rate, count: layer.cross == nil ? 2 : 3)
      }
    }
    let rates = model.dropouts.map(\.rate).filter { $0 > 0 }
    // Orders of multiplication may round differently in double precision.
    trial.expect(
      rates.map(Float.init) == expected.map(Float.init), label: "the rates of layers",
      "0.5 at last gives \(rates), not \(expected)")
  }

  /// B11: a mask of real tokens is key padding of each attention to them, also where the encoder is
  /// reversible, and that of the source hides keys of the memory; all true is no mask; 1 and 0 are
  /// true and false, and other numbers are refused; where an attention takes no key padding, a mask is refused; tokens in chunks heed
  /// the mask of a source that was read before.
  static let inputMask = Law(
    .inputMask, trials: 24, witness: "modelMaskNotPassed", needs: [.definition("model")],
    plan: ScenarioPlan(masks: .none, dropout: false, minimumLength: 2) { draft in
      draft.part.signature.inputs.map { input in
        .mask(input.name, Array((draft.scenario.input(input.name)?.recipe.shape ?? []).prefix(2)))
      }
    }
  ) { setting, trial in
    let own = try setting.stacks()
    try expectMasks(own, setting, &trial)
    try expectMasks(padding(own, setting), setting, &trial)
  }

  /// The stacks with attentions that take key padding.
  private static func padding(_ stacks: [JSONObject], _ setting: Setting) throws -> [JSONObject] {
    let suitable = setting.subject.registry.entries(.attention).filter { entry in
      guard entry.required.isEmpty, let claims = try? entry.claims(for: entry.sample) else {
        return false
      }
      return claims.masks.contains(.keyPadding) && claims.crossLength && claims.sequence == .any
        && claims.evalDeterminism == .pure
    }
    guard let chosen = suitable.first else { return stacks }
    return stacks.map { stack in
      let keys = ["multi_head_config", "multi_head_config_masked", "multi_head_config_cross"]
      return keys.filter { stack[$0] != nil }.reduce(stack) { stack, key in
        let changed = OptionAxis.setting(
          ["name": .string(chosen.name)], at: [key, "attention"], in: .object(stack))
        return changed.object ?? stack
      }
    }
  }

  private static func expectMasks(
    _ stacks: [JSONObject], _ setting: Setting, _ trial: inout Trial
  ) throws {
    let model = try setting.part(in: setting.config(stacks))
    let inputs = try setting.inputs()
    let plain = try model.run(inputs)
    let read = ["encoder_input_mask": "src", "decoder_input_mask": "tgt"]
    var masks: [String: Tensor] = [:]
    for input in model.signature.inputs {
      guard let name = read.first(where: { $0.value == input.name })?.key else { continue }
      let drawn = try setting.extra(input.name)
      // Each item has a real token.
      let first = try Tensor.full([drawn.size(0), 1], 1, .bool)
      masks[name] = try Tensor.cat([first, drawn.slice(1, 1..<drawn.size(1))], 1)
    }
    let handmade = try HandmadeModel(stacks, of: model, setting)
    func isMasked(_ name: String, _ layer: HandmadeModel.Layer, isEncoder: Bool) -> Bool {
      let attentions =
        name == "encoder_input_mask"
        ? (isEncoder ? [layer.attention] : [layer.cross].compactMap(\.self))
        : (isEncoder ? [] : [layer.attention])
      return attentions.allSatisfy { $0.sublayer.part.claims.masks.contains(.keyPadding) }
    }
    var accepted: [String: Tensor] = [:]
    for (name, mask) in masks.sorted(by: { $0.key < $1.key }) {
      let takes =
        handmade.encoders.allSatisfy { isMasked(name, $0, isEncoder: true) && $0.patch == nil }
        && handmade.decoders.allSatisfy { isMasked(name, $0, isEncoder: false) }
      guard takes else {
        let all = inputs.merging([name: mask]) { $1 }
        trial.throwsError(PartError.self, label: "an attention without key padding") {
          _ = try model.run(all)
        }
        continue
      }
      accepted[name] = mask
    }
    trial.compared(1)
    guard !accepted.isEmpty else { return }
    for chosen in [accepted] + (accepted.count > 1 ? accepted.map { [$0.key: $0.value] } : []) {
      let all = inputs.merging(chosen) { $1 }
      let output = try model.run(all)
      trial.classify("a mask is passed on", true)
      try trial.unchanged(output, handmade.run(all), label: "key padding by hand")
      let numbers = try inputs.merging(chosen.mapValues { try $0.to(setting.dtype) }) { $1 }
      try trial.unchanged(model.run(numbers), output, label: "1 and 0")
      for (name, mask) in chosen {
        for number in [0.5, 2, -1] {
          let other = try mask.to(setting.dtype) * number
          let wrong = WrongCall(
            label: "\(name) of \(number) and 0", inputs: all.merging([name: other]) { $1 },
            mistake: .content, blamed: [name])
          trial.refuses(wrong, by: model)
        }
      }
    }
    let real = try inputs.merging(accepted.mapValues { try Tensor.full($0.shape, 1, .bool) }) { $1 }
    try trial.unchanged(model.run(real), plain, label: "all real")
    guard let part = model as? any IncrementalPart, part.claims.incremental else { return }
    let masked = accepted.filter { part.readInputs.contains(read[$0.key] ?? "") }
    guard !masked.isEmpty else { return }
    trial.classify("a mask of what is read before chunks", true)
    let cache = try part.makeCache(
      batch: setting.scenario.lengths[.batch],
      reading: inputs.filter { part.readInputs.contains($0.key) }.merging(masked) { $1 })
    let cut = inputs.filter { !part.readInputs.contains($0.key) }
    let length = cut.values.map { $0.size(1) }.max() ?? 1
    let chunks = try [0..<1, 1..<length].map { range in
      try part.next(cut.mapValues { try $0.slice(1, range) }, cache: cache, real: nil)
    }
    let all = inputs.merging(masked) { $1 }
    try trial.equal(
      Tensor.cat(chunks, 1), model.run(all), trial.tolerance(setting, model, all),
      label: "tokens in chunks")
  }
}

extension PartModule {
  /// The rates of all dropouts that drop something, in ascending order.
  fileprivate var rates: [Double] { dropouts.map(\.rate).filter { $0 > 0 }.sorted() }
}

extension HandmadeModel {
  /// Those of all parts.
  fileprivate var rates: [Double] { layers.flatMap(\.pieces).flatMap(\.part.rates).sorted() }
}

extension Registry {
  /// The options of the feedforwards that have an auxiliary loss, without their width.
  fileprivate var feedforwardsWithLoss: [JSONObject] {
    entries(.feedforward).compactMap { entry in
      let generator = Generator(seed: 0)
      guard
        let part = try? build(entry.kind, entry.name, entry.sample, generator: generator).part,
        let input = part.signature.inputs.first, let width = part.signature.fixed["E"],
        (try? part.auxiliaryLoss([input.name: Tensor.ones([1, 1, width])])) != nil
      else { return nil }
      return (entry.sample.object ?? [:]).removing("dim_model")
        .merging(["name": .string(entry.name)])
    }
  }
}

extension JSONObject {
  /// The stack without options that have a default.
  fileprivate var withoutDefaults: JSONObject {
    let sample = (try? StackConfig.sample.json)?.object ?? [:]
    return JSONObject(filter { sample[$0.key] == nil || StackConfig.required.contains($0.key) })
  }

  /// Where a stack has options that are rates of dropout, as its parts claim.
  fileprivate func rates(in registry: Registry) -> [[String]] {
    let kinds: [(String, Kind)] = [
      ("position_encoding_config", .positionEmbedding), ("multi_head_config", .multihead),
      ("multi_head_config_masked", .multihead), ("multi_head_config_cross", .multihead),
      ("feedforward_config", .feedforward),
    ]
    return kinds.flatMap { key, kind -> [[String]] in
      guard let own = self[key], own.object != nil else { return [] }
      func path(_ kind: Kind, _ options: JSON, _ place: [String]) -> [[String]] {
        guard let entry = try? registry.entry(kind, options["name"]?.string ?? ""),
          let rate = try? entry.claims(for: entry.sample, in: registry).dropout.key
        else { return [] }
        return [place + rate.split(separator: ".").map(String.init)]
      }
      guard kind == .multihead else { return path(kind, own, [key]) }
      let attention = own["attention"] ?? .null
      return path(.attention, attention, [key, "attention"]) + path(.multihead, attention, [key])
    }
  }

  /// The stack with a rate, if it has the option.
  fileprivate func setting(_ rate: JSON, at path: [String], in registry: Registry) -> JSONObject {
    guard rates(in: registry).contains(path) else { return self }
    return OptionAxis.setting(rate, at: path[...], in: .object(self)).object ?? self
  }
}
