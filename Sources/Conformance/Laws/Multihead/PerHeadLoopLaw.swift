internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// M01: the output equals Σ_h attention(x W_q[h], x W_k[h], x W_v[h]) W_o[h] + b, computed with
  /// explicit slices and the attention's scalar oracle.
  static let perHeadLoop = Law(
    .perHeadLoop, trials: 46, witness: "splitNoTranspose", needs: [.splitHeads, .notTurned]
  ) { setting, trial in
    let problem = try DispatchProblem(setting)
    try trial.equalsLoop(problem, setting.inputs()) { $0 }
  }

  /// M07: rotary embeddings are applied to each head's queries and keys after projection, and not
  /// to values.
  static let rotaryOnQueryKey = Law(
    .rotaryOnQueryKey, trials: 24, witness: "rotaryTurnsValues", needs: [.splitHeads, .turned],
    plan: ScenarioPlan(minimumLength: 2)
  ) { setting, trial in
    let problem = try DispatchProblem(setting)
    let inputs = try setting.inputs()
    try trial.equalsLoop(problem, inputs) { try RotaryTable($0).turned($0) }
  }

  /// M10: for keys and values wider or narrower than tokens, parameters have the configured widths
  /// and the output equals the loop over heads; widths not divisible by the number of heads throw.
  static let widthOptions = Law(
    .widthOptions, trials: 24, witness: "valueWidthIgnored",
    needs: [.splitHeads, .projectedHeads, .notTurned]
  ) { setting, trial in
    let plain = try DispatchProblem(setting)
    let (heads, width) = (plain.heads, plain.dispatch.config.dimModel)
    let groups = plain.dispatch.config.keyHeads
    let isFree = plain.dispatch.attention.claims.valueWidth == .free
    // One and two channels per head more than tokens have.
    let key = width + heads
    let value = isFree ? width + 2 * heads : key
    let problem = try DispatchProblem(setting) {
      $0.useSeparateProjWeight = true
      ($0.dimKey, $0.dimValue) = (key, value)
    }
    if isFree {
      let usual = try DispatchProblem(setting) {
        $0.useSeparateProjWeight = true
        ($0.dimKey, $0.dimValue) = (key, nil)
      }.dispatch.stateDict.tensor("in_proj_container.v_proj.weight").size(0)
      trial.expect(
        usual == width / heads * groups, label: "the usual width",
        "without dim_value, values have \(usual) channels, expected \(width) like tokens, "
          + "divided among \(groups) of \(heads) heads")
    }
    let state = problem.dispatch.stateDict
    for (layer, shape) in [
      ("in_proj_container.q_proj", [key, width]),
      ("in_proj_container.k_proj", [key / heads * groups, width]),
      ("in_proj_container.v_proj", [value / heads * groups, width]), ("proj", [width, value]),
    ] {
      let found = state["\(layer).weight"]?.shape ?? []
      trial.expect(
        found == shape, label: "the width of a layer",
        "\(layer) has shape \(found), expected \(shape)")
    }
    try trial.equalsLoop(problem, setting.inputs()) { $0 }
    guard heads > 1 else { return }
    try trial.refuses(setting, "keys that do not divide") { $0.dimKey = key + 1 }
    try trial.refuses(setting, "values that do not divide") { $0.dimValue = key + 1 }
  }
}

extension Trial {
  /// Checks that an option of the dispatch is refused under its key.
  fileprivate mutating func refuses(
    _ setting: Setting, _ label: String, _ change: (inout MultiHeadConfig) -> Void
  ) throws {
    let plain = try MultiHeadConfig.decode(setting.scenario.config)
    var changed = plain
    change(&changed)
    let (before, after) = try (plain.json, changed.json.object ?? [:])
    guard let key = after.keys.first(where: { after[$0] != before[$0] }) else {
      throw KitError("\(label): no key differs")
    }
    refuses(key: key, label: label) { _ = try DispatchProblem(setting, change) }
  }

  /// Checks that a dispatch equals the loop over its heads, up to the condition of the attention's
  /// definition.
  mutating func equalsLoop(
    _ problem: DispatchProblem, _ inputs: [String: Tensor], turning: (Tensor) throws -> Tensor
  ) throws {
    let tolerance = try tolerance(problem.setting, problem.dispatch, inputs)
    let output = try problem.output(inputs)
    try equal(
      output, problem.loop(inputs, turning: turning), tolerance,
      label: "the loop over heads")
  }
}
