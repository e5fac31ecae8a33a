internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// M01: the output is Σ_h attention(x W_q[h], x W_k[h], x W_v[h]) W_o[h] + b by explicit slices, the
  /// attention by its scalar definition.
  static let perHeadLoop = Law(
    .perHeadLoop, trials: 46, witness: "splitNoTranspose", needs: [.splitHeads, .notTurned]
  ) { setting, trial in
    let problem = try DispatchProblem(setting)
    try trial.equalsLoop(problem, setting.inputs()) { $0 }
  }

  /// M07: with rotary embeddings the queries and keys of each head are turned by their positions, after
  /// projection; values are not.
  static let rotaryOnQueryKey = Law(
    .rotaryOnQueryKey, trials: 24, witness: "rotaryTurnsValues", needs: [.splitHeads, .turned],
    plan: ScenarioPlan(minimumLength: 2)
  ) { setting, trial in
    let problem = try DispatchProblem(setting)
    let inputs = try setting.inputs()
    try trial.equalsLoop(problem, inputs) { try RotaryTable($0).turned($0) }
  }

  /// M10: keys and values may be wider or narrower than tokens: parameters have the widths asked for,
  /// and the output is that of the loop over heads; widths that do not divide by the heads throw.
  static let widthOptions = Law(
    .widthOptions, trials: 24, witness: "valueWidthIgnored",
    needs: [.splitHeads, .projectedHeads, .notTurned]
  ) { setting, trial in
    let plain = try DispatchProblem(setting)
    let (heads, width) = (plain.heads, plain.dispatch.config.dimModel)
    let isFree = plain.dispatch.attention.claims.valueWidth == .free
    // One channel a head more than tokens have, and two.
    let key = width + heads
    let value = isFree ? width + 2 * heads : key
    let problem = try DispatchProblem(setting) {
      $0.useSeparateProjWeight = true
      ($0.dimKey, $0.dimValue) = (key, value)
    }
    let state = problem.dispatch.stateDict
    for (layer, shape) in [
      ("in_proj_container.q_proj", [key, width]), ("in_proj_container.k_proj", [key, width]),
      ("in_proj_container.v_proj", [value, width]), ("proj", [width, value]),
    ] {
      let found = state["\(layer).weight"]?.shape ?? []
      trial.expect(
        found == shape, label: "the width of a layer", "\(layer) is \(found), not \(shape)")
    }
    try trial.equalsLoop(problem, setting.inputs()) { $0 }
    guard heads > 1 else { return }
    trial.refuses(key: "dim_key", label: "keys that do not divide") {
      _ = try DispatchProblem(setting) { $0.dimKey = key + 1 }
    }
    trial.refuses(key: "dim_value", label: "values that do not divide") {
      _ = try DispatchProblem(setting) { $0.dimValue = key + 1 }
    }
  }
}

extension Trial {
  /// Asserts that a dispatch gives what the loop over its heads gives, within the condition of the
  /// attention's definition.
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
