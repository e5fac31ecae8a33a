internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// M14: fewer heads of keys and values compute as if each head had a copy of its group's, in the
  /// order of the heads, and have the sum of the copies' derivatives; one for each head changes not a
  /// bit. A number that does not divide the heads is refused, and so is a shared weight.
  static let sharedKeys = Law(
    .sharedKeys, trials: 35, witness: "groupsInterleaved", needs: [.splitHeads, .projectedHeads],
    plan: ScenarioPlan(fills: .small) { draft in
      [.number("groups", below: 3), .tensor("cotangent", draft.output)]
    }
  ) { setting, trial in
    // The least number with a divisor in between.
    let heads = 4
    func dispatch(_ groups: Int?, separate: Bool = true) throws -> MultiHeadDispatch {
      let problem = try DispatchProblem(setting) {
        let width = heads * ($0.keyWidth / $0.numHeads)
        $0.numHeads = heads
        ($0.dimKey, $0.dimValue) = (width, width)
        $0.numKvHeads = groups
        $0.useSeparateProjWeight = separate
      }
      return problem.dispatch
    }
    // Something inside may be made for another number of heads.
    let copied: MultiHeadDispatch? = try? dispatch(nil)
    guard let copied else { return try trial.assume(false) }
    let groups = [1, 2, 4][try setting.number("groups")]
    let shared = try dispatch(groups)
    var inputs = try setting.inputs()
    if let mask = inputs["att_mask"], mask.rank == 4 {
      inputs["att_mask"] = try mask.picked(1, (0..<heads).map { $0 % mask.size(1) })
    }
    var state = shared.stateDict
    let layers = ["in_proj_container.k_proj", "in_proj_container.v_proj"]
    let keys = layers.flatMap { ["\($0).weight", "\($0).bias"] }.filter { state[$0] != nil }
    for key in keys {
      let value = try state.tensor(key).detached()
      state[key] = try value.reshaped([groups, -1] + value.shape.dropFirst())
        .repeatInterleaved(heads / groups, 0).reshaped([-1] + value.shape.dropFirst())
    }
    try copied.load(state)
    try copied.inject(shared.drawn)
    let output = try shared.run(inputs)
    let tolerance = try groups == heads ? .bits : trial.tolerance(setting, copied, inputs)
    try trial.equal(output, copied.run(inputs), tolerance, label: "a copy for each head")

    let cotangent = try setting.extra("cotangent")
    func derivatives(_ part: MultiHeadDispatch) throws -> [Tensor] {
      let leaves = try keys.map { try part.stateDict.tensor($0) }
      let found = try withGrad(true) {
        try part.run(inputs).gradients(of: leaves, cotangent: cotangent)
      }
      return try zip(found, leaves).map { try $0 ?? Tensor.zeros($1.shape, .float64) }
    }
    for (key, pair) in try zip(keys, zip(derivatives(shared), derivatives(copied))) {
      let sum = try pair.1.reshaped(
        [groups, heads / groups, -1] + pair.1.shape.dropFirst()
      ).sum(1).reshaped(pair.0.shape)
      try trial.equal(pair.0, sum, .derivative, label: "the sum of the derivatives of \(key)")
    }
    trial.refuses(key: "num_kv_heads", label: "a number that does not divide the heads") {
      _ = try dispatch(3)
    }
    trial.refuses(key: "num_kv_heads", label: "fewer heads of keys with a shared weight") {
      _ = try dispatch(2, separate: false)
    }
  }

  /// M15: if queries and keys are normalized, multiplying either by a positive number changes nothing,
  /// unless projections have offsets.
  ///
  /// Tokens are so large that what keeps the root mean square from 0 has no effect, and no larger:
  /// vast queries would pick one key, however large.
  static let normalizedLogits = Law(
    .normalizedLogits, trials: 24, witness: "queriesNotNormalized",
    needs: [.splitHeads, .projectedHeads],
    plan: ScenarioPlan(fills: .small) { _ in
      [.number("norm", below: HeadNorm.allCases.count), .number("exponent", below: 9)]
    }
  ) { setting, trial in
    let norm = HeadNorm.allCases[try setting.number("norm")]
    let problem = try DispatchProblem(setting) {
      ($0.qkNorm, $0.bias) = (norm, ProjectionBiases(all: false))
    }
    /// The tokens, multiplied so that all heads have a root mean square of at least 128, or 0.
    func large(_ tokens: Tensor, _ layer: Linear?, groups: Int) throws -> Tensor {
      let rows = try problem.slices(tokens, layer, groups: groups)
      let square = try (rows * rows).mean(-1)
      let least = try square.filled(.infinity, where: square.equals(0)).minimum().item()
      let exponent = least.isFinite ? max(0, 8 - Int(least.exponent) / 2) : 0
      return try tokens * Double(sign: .plus, exponent: exponent, significand: 1)
    }
    var inputs = try setting.inputs()
    let projections = problem.dispatch.inputProjection
    let given = try inputs.tensor("query")
    inputs["value"] = inputs["value"] ?? inputs["key"] ?? given
    let query = try large(given, projections?.query, groups: problem.heads)
    let key = try large(
      inputs["key"] ?? given, projections?.key, groups: problem.dispatch.config.keyHeads)
    func output(_ first: Int, _ second: Int) throws -> Tensor {
      inputs["query"] = try query * Double(1 << first)
      inputs["key"] = try key * Double(1 << second)
      return try problem.output(inputs)
    }
    let exponent = try setting.number("exponent")
    let before = try output(0, 0)
    let tolerance = try trial.tolerance(setting, problem.dispatch, inputs)
    try trial.equal(output(exponent + 1, 0), before, tolerance, label: "larger queries")
    try trial.equal(output(0, 9 - exponent), before, tolerance, label: "larger keys")
  }

  /// M16: with a bias of the logits, rotary embeddings and keys that two heads share, chunks of tokens
  /// give the rows of one call, as in U29.
  static let cachedHeads = Law(
    .cachedHeads, trials: 24, witness: "cacheBiasAtZero",
    needs: [.splitHeads, .projectedHeads, .incremental],
    plan: ScenarioPlan(fills: .small, masks: .none, sameLength: true, minimumLength: 2) { _ in
      [
        .number("schedule", below: 1 << 20), .number("roundings", below: 1 << 16),
        .number("bias", below: 3),
      ]
    }
  ) { setting, trial in
    let biases = setting.subject.registry.entries(.attentionBias)
    let bias = try setting.number("bias")
    let problem = try DispatchProblem(setting) {
      let width = 4 * 2 * ($0.keyWidth / $0.numHeads)
      $0.numHeads = 4
      ($0.dimKey, $0.dimValue) = (width, width)
      ($0.numKvHeads, $0.useSeparateProjWeight) = (2, true)
      $0.useRotaryEmbeddings = true
      guard bias < biases.count, setting.claims.masks.contains(.additive) else { return }
      var options = biases[bias].sample.object ?? [:]
      options["name"] = .string(biases[bias].name)
      options["num_heads"] = nil
      $0.attentionBias = .object(options)
    }
    try trial.goesOn(problem.dispatch, setting.inputs(), setting)
  }
}
