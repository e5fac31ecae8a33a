internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U18: in training the output is the definition with the drawn masks at the claimed sites, what
  /// is kept scaled by 1/(1 − rate); masks keep the configured share and are independent.
  ///
  /// The number kept is binomial. The products of neighbouring centred marks have mean 0 and are
  /// uncorrelated, so a mask that heads, items, rows or calls share shows.
  static let dropoutStatistics = Law(
    .dropoutStatistics, trials: 20, witness: "oneDropForAllHeads",
    obstacle: { subject, _ in subject.withoutDropout }, judging: ["dropout"],
    plan: ScenarioPlan(fills: .only(.normal), dropout: false, minimumLength: 2) { _ in
      [.number("rate", below: 3), .number("seed", below: 1 << 16)]
    }
  ) { setting, trial in
    let choices = [0.5, 0.4, 0.3]
    let first = try setting.number("rate")
    var rates: [String: Double] = [:]
    for (number, site) in try DroppingCall.sites(setting).enumerated() {
      rates[site.key] = choices[(first + number) % choices.count]
    }
    let call = try DroppingCall(setting, setting.inputs(), rates)
    let seed = UInt64(try setting.number("seed"))
    let kept = try call.kept(seed, asCalled: true)
    let tolerance = try trial.tolerance(setting, call.part, call.inputs)
    try trial.equal(
      call.output(seed), call.expected(kept), tolerance,
      label: "the definition with what was kept")

    // Weights of keys that are hidden do not show whether they were kept.
    let known = try call.weights.map { try ($0 .> Threshold.visibleWeight).to(.float64) }
    let fewest = try kept.values.map { try known?.sum().item() ?? Double($0.count) }.min() ?? 0
    guard fewest > 0 else { return }
    let calls = min(24, UInt64(2048 / fewest) + 2)
    let all = try (1...calls).map { try call.kept(seed &+ $0) }
    for (tensor, rate) in call.rates {
      let masks = try Tensor.stack(all.map { try $0.tensor(tensor) }, 0)
      try expectIndependent(
        masks, known: known?.unsqueezed(0).expanded(masks.shape), share: 1 - rate, tensor,
        setting.scenario.lengths, &trial)
    }
  }

  /// Judges the masks of several calls, `[calls, …]`, 1 = kept, where they are known.
  static func expectIndependent(
    _ masks: Tensor, known: Tensor?, share: Double, _ tensor: String, _ lengths: Lengths,
    _ trial: inout Trial
  ) throws {
    let (batch, heads) = (lengths[.batch], lengths[.heads])
    func apart(_ marks: Tensor) throws -> Tensor {
      marks.size(1) == batch * heads
        ? try marks.reshaped([marks.size(0), batch, heads] + marks.shape.dropFirst(2)) : marks
    }
    let isKnown = try apart(known ?? Tensor.ones(masks.shape, .float64))
    let marks = try apart(masks.to(.float64)) * isKnown
    let count = try isKnown.sum().item()
    let variance = share * (1 - share)
    try trial.judge(
      "\(tensor): kept of \(Int(count)) at rate \(1 - share), in standard deviations",
      abs(marks.sum().item() - count * share) / (count * variance).squareRoot(),
      Threshold.standardErrors, "the share that is kept, \(tensor)")
    let centred = try marks - isKnown * share
    for axis in 0..<marks.rank where marks.size(axis) > 1 {
      func neighbours(_ x: Tensor) throws -> Double {
        let last = x.size(axis) - 1
        return try (x.slice(axis, 0..<last) * x.slice(axis, 1..<last + 1)).sum().item()
      }
      let pairs = try neighbours(isKnown)
      // With fewer, the sum is not normal.
      trial.cover(atLeast: 3, "enough masks", pairs >= 512)
      guard pairs >= 512 else { continue }
      try trial.judge(
        "\(tensor): products of \(Int(pairs)) neighbours on axis \(axis), in standard deviations",
        abs(neighbours(centred)) / (variance * pairs.squareRoot()), Threshold.standardErrors,
        "independent on axis \(axis), \(tensor)")
    }
  }
}
