internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// M05: a shared weight is one tensor under three keys, with the declared biases kept apart; its
  /// gradient is the sum of those of three equal weights.
  static let sharedProjection = Law(
    .sharedProjection, trials: 24, witness: "sharedOffsets", needs: [.splitHeads, .projectedHeads],
    plan: ScenarioPlan(fills: .small) { draft in [.tensor("cotangent", draft.output)] }
  ) { setting, trial in
    func projected(separately: Bool) throws -> MultiHeadDispatch {
      let problem = try DispatchProblem(setting) {
        $0.useSeparateProjWeight = separately
        // Fewer heads of keys have a weight of another shape.
        $0.numKvHeads = nil
      }
      return problem.dispatch
    }
    let (shared, apart) = try (projected(separately: false), projected(separately: true))
    let weights = ["q", "k", "v"].map { "in_proj_container.\($0)_proj.weight" }
    let state = shared.stateDict
    let first = try state.tensor(weights[0])
    for key in weights.dropFirst() {
      try trial.expect(
        state.tensor(key).sharesStorage(with: first), label: "one weight",
        "\(key) does not share the tensor of \(weights[0])")
    }
    let offsets = state.keys.filter { $0.hasSuffix("_proj.bias") }.sorted()
    let wanted = apart.stateDict.keys.filter { $0.hasSuffix("_proj.bias") }.sorted()
    trial.expect(
      offsets == wanted, label: "the declared offsets",
      "the biases are \(offsets), expected \(wanted)")
    for key in offsets {
      for other in offsets where other > key {
        try trial.expect(
          !state.tensor(key).sharesStorage(with: state.tensor(other)), label: "offsets apart",
          "\(key) and \(other) share a tensor")
      }
    }

    try apart.load(state)
    let inputs = try setting.inputs()
    let output = try shared.run(inputs)
    try trial.equal(
      output, apart.run(inputs), trial.tolerance(setting, apart, inputs),
      label: "three equal weights")
    let cotangent = try setting.extra("cotangent")
    func derivatives(_ part: MultiHeadDispatch, _ keys: [String]) throws -> [Tensor] {
      let leaves = try keys.map { try part.stateDict.tensor($0) }
      let found = try withGrad(true) {
        try part.run(inputs).gradients(of: leaves, cotangent: cotangent)
      }
      return try zip(found, leaves).map { try $0 ?? Tensor.zeros($1.shape, .float64) }
    }
    let parts = try derivatives(apart, weights)
    try trial.equal(
      derivatives(shared, [weights[0]])[0], parts[0] + parts[1] + parts[2], .derivative,
      label: "the sum of three derivatives")
  }

  /// M06: each of the four flags adds exactly its parameter: at 0 it changes nothing, and other
  /// values are added before the split into heads or after the last projection.
  static let biasTuple = Law(
    .biasTuple, trials: 24, witness: "valueOffsetOfFirstHead",
    needs: [.splitHeads, .projectedHeads, .notTurned]
  ) { setting, trial in
    let inputs = try setting.inputs()
    let bare = try DispatchProblem(setting) { $0.bias = ProjectionBiases(all: false) }
    let before = try bare.output(inputs)
    let layers = ["q", "k", "v"].map { "in_proj_container.\($0)_proj" } + ["proj"]
    for (index, layer) in layers.enumerated() {
      let problem = try DispatchProblem(setting) {
        $0.bias = ProjectionBiases(all: false)
        switch index {
        case 0: $0.bias.query = true
        case 1: $0.bias.key = true
        case 2: $0.bias.value = true
        default: $0.bias.output = true
        }
      }
      let keys = Set(problem.dispatch.stateKeys).subtracting(bare.dispatch.stateKeys)
      trial.expect(
        keys == ["\(layer).bias"], label: "one offset",
        "the flag of \(layer) adds \(keys.sorted())")
      var state = bare.dispatch.stateDict
      state["\(layer).bias"] = try problem.dispatch.stateDict.tensor("\(layer).bias").detached()
      try problem.dispatch.load(state)
      try trial.equalsLoop(problem, inputs) { $0 }
      state["\(layer).bias"] = try state.tensor("\(layer).bias") * 0
      try problem.dispatch.load(state)
      try trial.unchanged(problem.output(inputs), before, label: "an offset of 0 in \(layer)")
    }
  }

  /// M08: around an attention that makes its own heads, the original keeps four projections that
  /// nothing uses: a checkpoint may hold them, they are reported as dropped, and others are refused.
  static let unusedProjections = Law(
    .unusedProjections, trials: 8, witness: "unusedBiasesRefused", needs: [.ownHeads],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let output = try part.run(inputs)
    let layers = ["k", "q", "v"].map { "in_proj_container.\($0)_proj" } + ["proj"]
    let unused = layers.flatMap { ["\($0).bias", "\($0).weight"] }
    var state = part.stateDict
    for key in unused { state[key] = try Tensor.zeros([1]) }
    let report = try part.load(state)
    trial.expect(
      report.dropped == unused, label: "the keys that are dropped",
      "\(report.dropped), expected \(unused)")
    try trial.unchanged(part.run(inputs), output, label: "unused projections")
    trial.throwsError(StateError.self, label: "a key that the original does not have") {
      try part.load(state.merging(["proj.gain": Tensor.zeros([1])]) { $1 })
    }
  }
}
