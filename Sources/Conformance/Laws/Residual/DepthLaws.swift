internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// R10: a residual whose scales are 0, or which in training drops all, gives what it gives around a
  /// sublayer that gives 0; in the style `pre` that is its input.
  static let noBranch = Law(
    .noBranch, trials: 16, witness: "layerScaleOnInput", needs: [.stochasticDepth],
    judging: ["stochasticDepth"],
    plan: ScenarioPlan(fills: .small, dropout: false) { draft in [.tensor("keys", draft.query)] }
  ) { setting, trial in
    let part = try setting.part()
    let x = try setting.inputs().tensor("x")
    let inputs = try [x, setting.extra("keys")]
    let isFirst = try setting.definition.options["style"]?.string == "pre"
    let residual = try setting.residual(part)
    let empty = isFirst ? x : try residual(inputs) { try $0[0] * 0 }
    func expectEmpty(_ part: any PartModule, _ label: String) throws {
      try trial.equal(part.run(["x": x]), empty, .exact(), label: label)
      let residual = try setting.residual(part)
      let several = try residual(inputs) { try $0[0] + $0[1] }
      try trial.equal(several, empty, .exact(), label: "\(label), two inputs")
    }
    let dropping = try setting.part([setting.depthKey: 1])
    dropping.train()
    try expectEmpty(dropping, "all dropped")
    guard let scale = try setting.definition.parameters["scale"] else { return }
    try part.load([scale: Tensor.zeros([x.size(-1)], .float64)], strict: false)
    try expectEmpty(part, "scales of 0")
  }

  /// R11: in training each item of a batch has the whole output of the sublayer divided by 1 − rate, or
  /// nothing of it, at the configured rate, independently of other items and calls.
  ///
  /// The items are alike, so that their outputs are one of two, which evaluation gives, too.
  static let droppedItems = Law(
    .droppedItems, trials: 8, witness: "depthNotScaled", needs: [.stochasticDepth],
    judging: ["stochasticDepth"],
    plan: ScenarioPlan(fills: .distinct, dropout: false) { draft in
      [
        .tensor("sublayer", draft.query), .number("rate", below: 3),
        .number("seed", below: 1 << 16),
      ]
    }
  ) { setting, trial in
    let rate = [0.5, 0.3, 0.6][try setting.number("rate")]
    let part = try setting.part([setting.depthKey: .number(rate)])
    let inputs = try setting.inputs()
    _ = try part.run(inputs)
    let x = try inputs.tensor("x").slice(0, 0..<1)
    let given = try setting.extra("sublayer").slice(0, 0..<1)
    let residual = try setting.residual(part)
    func output(_ items: Int, times factor: Double) throws -> Tensor {
      let shape = [items] + x.shape.dropFirst()
      let (tokens, output) = try (x.expanded(shape), (given * factor).expanded(shape))
      return try residual([tokens, output]) { _ in output }
    }
    let dropped = try output(1, times: 0)
    let contrast = try output(1, times: 1 / (1 - rate)) - dropped
    let size = try (contrast * contrast).sum().item()
    // A normalization may leave nothing of the sublayer, such as that of a single channel.
    let shows = size > Threshold.noVariance
    trial.cover(atLeast: 3, "a sublayer that shows", shows)
    guard shows else { return }
    part.train()
    try part.reseed(UInt64(setting.number("seed")))
    let marks = try (0..<4).map { _ in
      let trained = try output(256, times: 1)
      let shares = try ((trained - dropped) * contrast).sum(-1, keep: true).sum(-2, keep: true)
      let kept = try (shares .> size * 0.5).to(.float64)
      try trial.equal(
        trained, dropped + kept * contrast, .exact(), label: "all of the sublayer or nothing")
      return kept
    }
    try expectIndependent(
      Tensor.stack(marks, 0), known: nil, share: 1 - rate, "items", setting.scenario.lengths,
      &trial)
  }

  /// R12: layers are dropped at rates that grow in equal steps from 0 to that of the last: 0.125, 0.25,
  /// 0.375 and 0.5 for four layers, and 0.5 for one.
  static let depthRule = Law(
    .depthRule, trials: 4, witness: "depthRuleFromZero", needs: [.stochasticDepth], of: .itself,
    plan: ScenarioPlan { _ in [.number("layers", below: 48)] }
  ) { setting, trial in
    func rates(_ layers: Int) -> [Double] {
      (1...layers).map { StochasticDepth.rate(0.5, layer: $0, of: layers) }
    }
    for (layers, expected) in [(4, [0.125, 0.25, 0.375, 0.5]), (1, [0.5])] {
      trial.expect(
        rates(layers) == expected, label: "the rates of \(layers) layers",
        "\(rates(layers)), expected \(expected)")
    }
    let many = try rates(setting.number("layers") + 1)
    let steps = zip(many, [0] + many).map { $0 - $1 }
    try trial.equal(
      Tensor(steps, shape: [steps.count]),
      Tensor.full([steps.count], 0.5 / Double(steps.count), .float64),
      .exact(), label: "equal steps")
  }
}

extension Need {
  fileprivate static let stochasticDepth = Need("no stochastic depth") {
    $0.stochasticDepth != nil
  }
}

extension Setting {
  /// The key of the rate at which whole items are dropped.
  fileprivate var depthKey: String {
    get throws {
      guard let key = claims.stochasticDepth else { throw KitError("the part drops no items") }
      return key
    }
  }

  /// A part as the residual that it must be.
  func residual(_ part: any PartModule) throws -> any Residual {
    guard let residual = part as? any Residual else {
      throw KitError("expected a residual, got a \(type(of: part))")
    }
    return residual
  }
}
