internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// B10: tied tables are one tensor under the keys of both, in which a step moves both, and count
  /// once; the model gives what it gives with two equal tables. Otherwise there are two. Without tables
  /// there is nothing to tie.
  static let tiedEmbeddings = Law(
    .tiedEmbeddings, trials: 12, witness: "modelTiesNothing", needs: [.definition("model")],
    obstacle: { subject, _ in subject.lacks("no decoder with a table") { tables(of: $0) != nil } },
    plan: ScenarioPlan(fills: .small, dropout: false)
  ) { setting, trial in
    guard let stacks = try tables(of: setting.stacks { tables(of: $0) != nil }) else { return }
    let tied = try setting.model(stacks, ["tie_embedding_weights": true])
    let apart = try setting.model(stacks, ["tie_embedding_weights": false])
    let roles = tied.claims.definition?.parameters ?? [:]
    let shared = roles.keys.filter { $0.hasPrefix("encoders.0.position.") }.sorted()
    let inputs = try setting.inputs(of: tied)
    let before = try tied.run(inputs)
    try apart.load(roles: tied)
    try trial.unchanged(apart.run(inputs), before, label: "two equal tables")
    var count = 0
    for role in shared {
      let twin = "decoders" + role.dropFirst("encoders".count)
      guard let key = roles[role], let other = roles[twin] else {
        trial.fail(label: "tied keys", "the definition has `\(role)`, but no `\(twin)`")
        continue
      }
      let (state, separate) = (tied.stateDict, apart.stateDict)
      guard let first = state[key], let second = state[other], let third = separate[key],
        let fourth = separate[other]
      else {
        trial.fail(label: "tied keys", "the state lacks `\(key)` or `\(other)`")
        continue
      }
      count += first.count
      trial.expect(
        first.sharesStorage(with: second), label: "one tensor", "`\(key)` and `\(other)` are two")
      trial.expect(
        !third.sharesStorage(with: fourth), label: "two tensors", "`\(key)` is shared untied")
      let moved = try first.detached() - 0.125
      try tied.load([other: moved], strict: false)
      guard let after = tied.stateDict[key] else { continue }
      try trial.unchanged(after, moved, label: "a step on the other side")
    }
    trial.compared(1)
    trial.expect(
      count > 0 && apart.parameterCount - tied.parameterCount == count, label: "counted once",
      "\(apart.parameterCount) and \(tied.parameterCount) trained numbers, \(count) are shared")
    let after = try tied.run(inputs)
    let isUsed = try !compare(after, before, .bits).isEqual
    trial.expect(isUsed, label: "a table that is used")
    try apart.load(roles: tied)
    try trial.unchanged(apart.run(inputs), after, label: "two equal tables after a step")
    let bare = stacks.map { $0.removing("position_encoding_config") }
    trial.refusesModel(
      setting.config(bare, ["tie_embedding_weights": true]), naming: "tie_embedding_weights",
      setting)
  }

  /// The stacks with the first encoder's positions in the first decoder, if there are such.
  private static func tables(of stacks: [JSONObject]) -> [JSONObject]? {
    let positions = stacks.first { $0.blockType == "encoder" }?["position_encoding_config"]
    guard let positions, !positions.isNull, stacks.contains(where: { $0.blockType == "decoder" })
    else { return nil }
    return stacks.with(["position_encoding_config": positions]) { $0.blockType == "decoder" }
  }

  /// B12: each output of a decoder depends on the memory at each position, and the memory is what a
  /// model of the encoders alone returns.
  static let memoryUse = Law(
    .memoryUse, trials: 12, witness: "modelMemoryFirstTokenOnly", needs: [.definition("model")],
    obstacle: { subject, _ in
      subject.lacks("no decoder") { $0.contains { $0.blockType == "decoder" } }
    },
    plan: ScenarioPlan(fills: .small, masks: .none, dropout: false)
  ) { setting, trial in
    // The encoder of deepnorm is another one without a decoder.
    let stacks = try setting.stacks { $0.contains { $0.blockType == "decoder" } }
      .with(["residual_norm_style": "post"]) { $0["residual_norm_style"]?.string == "deepnorm" }
    let model = try setting.model(stacks)
    let inputs = try setting.inputs(of: model)
    let output = try model.run(inputs)
    let handmade = try HandmadeModel(stacks, of: model, setting)
    let alone = try setting.model(
      stacks.filter { $0.blockType == "encoder" }, ["tie_embedding_weights": false])
    try alone.load(roles: model)
    let memory = try alone.run(["src": inputs.tensor("src")])
    try trial.unchanged(handmade.decoded(inputs, memory: memory), output, label: "the memory")
    // Without attention in the encoder, each token of the memory follows from one of the source.
    var state: [String: Tensor] = [:]
    for (role, key) in model.claims.definition?.parameters ?? [:]
    where role.hasPrefix("encoders.") && role.contains(".out_") {
      state[key] = try model.stateDict[key].map { try $0 * 0 }
    }
    for part in [model, alone] { try part.load(state, strict: false) }
    let source = try inputs.tensor("src")
    let (before, plain) = (try alone.run(["src": source]), try model.run(inputs))
    for position in 0..<source.size(1) {
      let changed = try model.changing(["src": source], "src", position..<position + 1)
      let isMoved = try movedRows(alone.run(changed), before)
      let rows = before.size(1)
      trial.dependence(
        isMoved, equals: isMoved.indices.map { $0 % rows == rows - source.size(1) + position },
        label: "the memory without attention"
      ) { "row \($0)" }
      let moved = try movedRows(model.run(inputs.merging(changed) { $1 }), plain)
      trial.dependence(
        moved, equals: moved.map { _ in true }, label: "memory at \(position)"
      ) { "row \($0)" }
    }
  }

  /// B13: positions of another width than the layers get a projection to it, those of the same width
  /// none.
  static let embeddingWidth = Law(
    .embeddingWidth, trials: 12, witness: "modelProjectionAlways", needs: [.definition("model")],
    obstacle: { subject, _ in
      subject.lacks("no positions") { $0.contains { $0["position_encoding_config"] != nil } }
    },
    plan: ScenarioPlan(fills: .small, dropout: false) { _ in [.number("more", below: 3)] }
  ) { setting, trial in
    let stacks = try setting.stacks { $0.contains { $0["position_encoding_config"] != nil } }
    let more = try setting.number("more") + 1
    func model(_ extra: Int) throws -> (any PartModule, [JSONObject]) {
      let changed = stacks.map { stack in
        guard let width = stack["dim_model"]?.int, let own = stack["position_encoding_config"],
          own.object != nil, stack["patch_embedding_config"] == nil
        else { return stack }
        let positions = OptionAxis.setting(.integer(width + extra), at: ["dim_model"], in: own)
        return stack.merging(["position_encoding_config": positions])
      }
      return (try setting.model(changed), changed)
    }
    for extra in [0, more] {
      let (model, changed) = try model(extra)
      let shapes =
        model.claims.definition?.parameters.filter { $0.key.contains(".projection.") }
        .compactMapValues { model.stateDict[$0]?.shape } ?? [:]
      var expected: [String: [Int]] = [:]
      for (list, type) in [("encoders", "encoder"), ("decoders", "decoder")] {
        guard let stack = changed.first(where: { $0.blockType == type }),
          let width = stack["dim_model"]?.int,
          let own = stack["position_encoding_config"]?["dim_model"]?.int, own != width
        else { continue }
        expected["\(list).0.projection.weight"] = [width, own]
        expected["\(list).0.projection.bias"] = [width]
      }
      trial.compared(1)
      trial.expect(
        shapes == expected, label: "projections of \(extra) channels more",
        "\(shapes), expected \(expected)")
      let inputs = try setting.inputs(of: model)
      let output = try model.run(inputs)
      let handmade = try HandmadeModel(changed, of: model, setting)
      try trial.equal(output, handmade.run(inputs), .exact(), label: "composed by hand")
    }
  }
}
