internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U17: evaluation is the same with any rate; training after evaluation is training again; a rate
  /// of 1 drops all; the backward pass of training uses the masks of the forward pass.
  ///
  /// The masks of one call are injected for the gradients, so that training is a function.
  static let dropoutLifecycle = Law(
    .dropoutLifecycle, trials: 12, witness: "dropoutStuck",
    obstacle: { subject, _ in subject.withoutDropout }, judging: ["dropout"],
    plan: ScenarioPlan(fills: .small, dropout: false) { draft in
      [.number("seed", below: 1 << 16), .tensor("cotangent", draft.output)]
        + directions(draft, 1)
    }
  ) { setting, trial in
    let sites = try DroppingCall.sites(setting)
    let seed = UInt64(try setting.number("seed"))
    // Whether an additive mask may be left out depends on its values and its gradient, and the shape
    // of the masks on that.
    let inputs = try setting.inputs().filter { $0.key != "att_mask" || !$0.value.dtype.isFloating }
    let halves = sites.map { ($0.key, 0.5) }
    let call = try DroppingCall(setting, inputs, Dictionary(halves, uniquingKeysWith: { $1 }))
    let part = call.part
    let plain = try setting.part()
    if let path = part.choosing?.path { plain.choosing?.path = path }

    let trained = try call.output(seed)
    part.eval()
    try trial.unchanged(
      call.output(seed), plain.run(inputs), label: "evaluation with dropout")
    part.train()
    try trial.unchanged(call.output(seed), trained, label: "training after evaluation")

    for site in sites {
      let all = try DroppingCall(setting, inputs, [site.key: 1])
      try trial.equal(
        all.output(seed), all.expected([:]), trial.tolerance(setting, all.part, inputs),
        label: "all dropped by `\(site.key)`")
    }

    for dropout in part.dropouts { dropout.drawn = [] }
    _ = try call.output(seed)
    for dropout in part.dropouts {
      dropout.inject(dropout.drawn ?? [])
      dropout.drawn = nil
    }
    try trial.unchanged(call.output(seed &+ 1), trained, label: "the injected masks")
    let slopes = try DifferentiableCall(part, inputs, setting.claims)
    let cotangent = try setting.extra("cotangent")
    for (name, derivative) in try slopes.derivatives([cotangent])[0].sorted(by: { $0.key < $1.key })
    {
      let direction = try slopes.direction(name, like: setting.extra("\(name), direction 1"))
      let difference = try slopes.difference(name, along: direction, cotangent)
      try trial.assume(difference.isSmooth)
      try trial.equal(
        (derivative * direction).sum(), Tensor([difference.slope], shape: []), .derivative,
        label: "the derivative of training by \(name)")
    }
  }
}
