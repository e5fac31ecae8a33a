internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// M02: permuting heads, in all four projections and in masks with an axis of heads, changes
  /// nothing; heads that share keys stay side by side.
  static let headPermutation = Law(
    .headPermutation, trials: 24, witness: "keysOfFirstHead",
    needs: [.splitHeads, .projectedHeads, .headsAlike],
    obstacle: { subject, _ in subject.headsAsAxis },
    plan: ScenarioPlan(fills: .small) { draft in
      [.order("order of heads", of: draft.scenario.lengths[.heads])]
    }
  ) { setting, trial in
    let problem = try DispatchProblem(setting)
    var inputs = try setting.inputs()
    let before = try problem.output(inputs)
    let drawn = try setting.order("order of heads")
    let groups = problem.dispatch.config.keyHeads
    let sharing = problem.heads / groups
    let firsts = drawn.map { $0 / sharing }
    let groupOrder = (0..<groups).sorted {
      (firsts.firstIndex(of: $0) ?? 0) < (firsts.firstIndex(of: $1) ?? 0)
    }
    let order = groupOrder.flatMap { group in drawn.filter { $0 / sharing == group } }
    if let mask = inputs["att_mask"], mask.rank == 4 {
      inputs["att_mask"] = try mask.picked(1, order)
    }
    var state: [String: Tensor] = [:]
    for (key, value) in problem.dispatch.stateDict {
      let axis = key.hasPrefix("in_proj_container.") ? 0 : key == "proj.weight" ? 1 : nil
      guard let axis else { continue }
      let isShared = key.contains(".k_proj.") || key.contains(".v_proj.")
      let order = isShared ? groupOrder : order
      let width = value.size(axis) / order.count
      let rows = order.flatMap { head in (0..<width).map { head * width + $0 } }
      state[key] = try value.detached().picked(axis, rows)
    }
    try problem.dispatch.load(state, strict: false)
    try trial.equal(
      problem.output(inputs), before, trial.tolerance(setting, problem.dispatch, inputs),
      label: "heads in another order")
  }

  /// M03: one head with identity projections equals the bare attention.
  static let identityDispatch = Law(
    .identityDispatch, trials: 24, witness: "dispatchShortcut",
    needs: [.someDefinition, .notTurned, .notNormalized], plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let problem = try DispatchProblem(setting) { ($0.numHeads, $0.numKvHeads) = (1, nil) }
    let dispatch = problem.dispatch
    var state: [String: Tensor] = [:]
    for (key, value) in dispatch.stateDict where !key.hasPrefix("attention.") {
      state[key] =
        value.rank == 2
        ? try Tensor.identity(value.size(0), .float64) : try Tensor.zeros(value.shape, .float64)
    }
    try dispatch.load(state, strict: false)
    var inputs = try setting.inputs()
    // A mask with several heads does not fit a single one.
    if inputs["att_mask"]?.rank == 4 { inputs["att_mask"] = nil }
    let query = try inputs.tensor("query")
    let key = inputs["key"] ?? query
    var tokens = [query, key, inputs["value"] ?? key]
    if dispatch.attention.claims.heads == .explicit {
      tokens = try tokens.map { try $0.unsqueezed(1) }
    }
    let bare = try dispatch.attention(
      tokens[0], tokens[1], tokens[2],
      masks: Masks(attention: inputs["att_mask"], keyPadding: inputs["key_padding_mask"]))
    try trial.equal(
      problem.output(inputs), bare.reshaped(query.shape),
      trial.tolerance(setting, dispatch, inputs), label: "the bare attention")
  }
}

extension Subject {
  /// Whether the attention inside may treat heads differently because it has an axis for them; nil
  /// if it cannot.
  fileprivate var headsAsAxis: String? {
    let isFolded = candidates.contains { candidate in
      let dispatch = (try? build(candidate.config, seed: 0)) as? MultiHeadDispatch
      return dispatch?.attention.claims.heads == .folded
    }
    return isFolded ? nil : "heads are a separate axis"
  }
}
