internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// M13: a bias in the configuration is an additive mask of each head, beside the mask of the call, and
  /// the output that of the definition, whatever the shape of that mask; around an attention without
  /// additive masks it is refused.
  static let biasMask = Law(
    .biasMask, trials: 35, witness: "biasOfFirstHead",
    needs: [.someDefinition],
    of: .itself,
    plan: ScenarioPlan(fills: .small) { draft in
      let lengths = draft.scenario.lengths
      return [
        .number("bias", below: 2),
        .mask("of heads", [lengths[.batch], lengths[.heads], draft.queries, draft.keys]),
      ]
    }
  ) { setting, trial in
    let biases = setting.subject.registry.entries(.attentionBias)
    guard !biases.isEmpty else { throw KitError("no attention bias is registered") }
    let entry = biases[try setting.number("bias") % biases.count]
    var options = entry.sample.object ?? [:]
    options["name"] = .string(entry.name)
    // The dispatch knows it.
    options["num_heads"] = nil
    let plain = try DispatchProblem(setting)
    guard plain.dispatch.attention.claims.masks.contains(.additive) else {
      trial.refuses(key: "attention_bias", label: "a bias without additive masks") {
        _ = try DispatchProblem(setting) { $0.attentionBias = .object(options) }
      }
      return
    }
    let problem = try DispatchProblem(setting) { $0.attentionBias = .object(options) }
    try plain.dispatch.load(
      problem.dispatch.stateDict.filter { !$0.key.hasPrefix("attention_bias.") })
    try plain.dispatch.inject(problem.dispatch.drawn)
    var inputs = try setting.inputs()
    let tolerance = try trial.tolerance(setting, problem.dispatch, inputs)
    let output = try problem.output(inputs)
    try trial.equal(
      output, setting.expected(problem.dispatch, inputs), tolerance, label: "the definition")

    let query = try inputs.tensor("query")
    let key = inputs["key"] ?? query
    guard let bias = problem.dispatch.bias else { throw KitError("the dispatch has no bias") }
    func masked(_ mask: Tensor) throws -> Tensor {
      try problem.output(inputs.merging(["att_mask": mask]) { $1 })
    }
    if setting.claims.masks.contains(.boolean3D) {
      let ofHeads = try setting.extra("of heads")
      let ofItems = try ofHeads.slice(1, 0..<1)
      let shape = Array(ofHeads.shape.suffix(2))
      try trial.unchanged(
        masked(ofHeads.reshaped([-1] + shape)), masked(ofHeads), label: "folded heads")
      try trial.unchanged(
        masked(ofItems.squeezed(1)), masked(ofItems.expanded(ofHeads.shape).contiguous()),
        label: "a mask of all heads")
    }
    let added = try bias.bias(
      queries: query.size(1), keys: key.size(1), offset: 0, setting.dtype)
    inputs["att_mask"] = try added.detached().unsqueezed(0)
      .expanded([query.size(0)] + added.shape).added(to: inputs["att_mask"])
    try trial.equal(plain.output(inputs), output, tolerance, label: "the bias as a mask")
  }
}

extension Tensor {
  /// A bias `[B, H, S, T]` with a Boolean or additive mask of a call.
  func added(to mask: Tensor?) throws -> Tensor {
    guard var mask else { return self }
    if mask.rank == 3 { mask = try mask.reshaped([size(0), -1] + mask.shape.suffix(2)) }
    return mask.dtype == .bool ? try filled(-.infinity, where: .!mask) : try self + mask
  }
}
