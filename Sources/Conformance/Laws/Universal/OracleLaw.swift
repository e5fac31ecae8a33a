internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U02: the output equals the scalar float64 oracle on every option path, in the type of the
  /// inputs.
  ///
  /// In float64 the tolerance is T2, times the condition of the definition if it has one, such as
  /// κ₂(K₂) of a Nyström attention with the exact inverse. In narrower types it is T3: part, oracle
  /// and naive form get the same rounded inputs and parameters, which the oracle widens. The error
  /// of the naive form is the largest over these inputs and some a rounding or two away, since on
  /// one input it may be small by luck. The unit term of T3 is multiplied by κ = spread /
  /// (u·‖oracle‖∞), at least 1, where the spread is how far the oracle moves when its inputs move
  /// by one rounding: a softmax over logits in the thousands has no digits in half precision, and
  /// part and naive form then pick the winning key by chance. If the naive form leaves the range of
  /// the type, or an inverse is near its limit, κ₂ > 1e-3/u, nothing is compared. An option that the
  /// configuration leaves out has the definition's default. A definition without
  /// a naive form takes its place with sixteen times its spread. A part that draws in each call uses the
  /// draws of that call.
  static let oracle = Law(
    .oracle, trials: 81, witness: "scaleMissing", dtypes: DType.floating,
    needs: [.someDefinition], judging: ["definition"],
    plan: ScenarioPlan { _ in [.number("roundings", below: 1 << 16)] }
  ) { setting, trial in
    let (part, inputs) = try (setting.part(), setting.inputs())
    try expectDefinition(part, inputs, setting, &trial)
    if case .redraws = setting.claims.evalDeterminism {
      // A part may keep something of the draws of earlier calls.
      let redrawn = try setting.part(settled: false)
      _ = try redrawn.run(inputs)
      try expectDefinition(redrawn, inputs, setting, &trial)
    }
    // What a configuration may leave out, the definition knows, too, unless it has no default.
    let entry = setting.subject.entry
    let omitted = entry.keys.filter { key in
      let value = setting.scenario.config[key] ?? .null
      return !entry.required.contains(key) && (value.isNull || value == entry.sample[key])
    }
    guard setting.dtype == .float64 else { return }
    try expectDefaults(omitted, part, inputs, setting, &trial)
    // A default that is not among the values tried.
    let untried = setting.subject.options.filter { axis in
      guard axis.path.count == 1, axis.isListed, !entry.required.contains(axis.name) else {
        return false
      }
      return !axis.values.contains {
        $0.resolve(setting.scenario.lengths) == entry.sample[axis.name] ?? .null
      }
    }
    let config = untried.reduce(setting.scenario.config) {
      OptionAxis.setting(.null, at: $1.path[...], in: $0)
    }
    let lengths = setting.scenario.lengths
    guard !untried.isEmpty, let claims = try? setting.subject.claims(config, lengths),
      [Dimension.queryLength, .keyLength].allSatisfy({ claims.sequence.accepts(lengths[$0]) })
    else { return }
    try expectDefaults(
      omitted + untried.map(\.name), setting.part(in: config), inputs, setting, &trial)
  }

  /// Checks that a part which leaves options out has the defaults of its definition.
  private static func expectDefaults(
    _ omitted: [String], _ part: any PartModule, _ inputs: [String: Tensor], _ setting: Setting,
    _ trial: inout Trial
  ) throws {
    let known = omitted.filter { part.claims.definition?.options[$0] != nil }
    guard !known.isEmpty else { return }
    let output = try part.run(inputs)
    func usual(_ names: [String]) -> Tensor? {
      try? setting.subject.oracles.evaluate(part, inputs, without: Set(names))
    }
    let all = usual(known).map { [$0] }
    for expected in all ?? known.compactMap({ usual([$0]) }) {
      try trial.equal(
        output, expected, trial.tolerance(setting, part, inputs),
        label: "the definition with its own defaults")
    }
  }

  /// Checks an output against the definition, as U02 says.
  ///
  /// - Parameters:
  ///   - smallest: what may be lost of any number; 0 unless numbers are near it.
  ///   - output: what the part gave; by default it is called.
  ///   - expected: what the definition gives; by default the oracle's value.
  static func expectDefinition(
    _ part: any PartModule, _ inputs: [String: Tensor], _ setting: Setting, _ trial: inout Trial,
    smallest: Double = 0, output: Tensor? = nil, expected: Tensor? = nil
  ) throws {
    let condition = try setting.subject.naives.condition(part, inputs)
    let unit = setting.dtype.unitRoundoff
    let limit = min(1e6, Threshold.conditionedRoundoff / unit)
    try trial.assume(condition <= max(1, limit))
    let actual = try output ?? part.run(inputs)
    trial.expect(
      actual.dtype == setting.dtype, label: "type",
      "the output has type \(actual.dtype), the inputs \(setting.dtype)")
    let expected = try expected ?? setting.expected(part, inputs)
    guard setting.dtype != .float64 else {
      try trial.equal(actual, expected, .exact(condition: condition), label: "definition")
      return
    }
    let seed = UInt64(try setting.number("roundings"))
    guard try setting.subject.naives.obstacle(setting.definition) == nil else {
      // It is not known which products of large numbers the computation needs.
      let largest =
        try inputs.values.filter(\.dtype.isFloating)
        .map { try $0.abs().filled(0, where: .!$0.isFinite()).maximum().item() }.max() ?? 0
      let mayOverflow = largest * largest * largest > setting.dtype.greatestFiniteMagnitude
      try trial.assume(!mayOverflow || actual.isFinite().allTrue())
      let strict = Tolerance.rounding(
        naive: 0, unit: unit, scale: try expected.abs().maximum().item())
      guard try !compare(actual, expected, strict).isEqual else {
        try trial.equal(actual, expected, strict, label: "definition")
        return
      }
      let response = try RoundingResponse(
        part, inputs, setting.subject.oracles, unit: unit, seed: seed)
      trial.note("one rounding moves the definition by \(response.change)")
      try trial.equal(actual, expected, response.tolerance, label: "definition")
      return
    }
    let naive = try setting.subject.naives.evaluate(part, inputs).to(.float64)
    try trial.assume(naive.isFinite().allTrue())
    let off = try (naive - expected).abs().maximum().item()
    let scale = try max(expected.abs().maximum().item(), smallest / unit)
    let strict = Tolerance.rounding(naive: off, unit: unit, scale: scale)
    // Nearby inputs, which cost most of the time, can only widen the tolerance.
    guard try !compare(actual, expected, strict).isEqual else {
      try trial.equal(actual, expected, strict, label: "definition")
      return
    }
    let nearby = try setting.subject.naives.rounding(part, inputs, unit: unit, seed: seed)
    let error = max(nearby, off)
    let spread = try setting.subject.naives.spread(part, inputs, unit: unit, seed: seed)
    trial.note("the naive form is off by \(error), one rounding moves the result by \(spread)")
    try trial.equal(
      actual, expected, .rounding(naive: error, unit: unit, scale: max(scale, spread / unit)),
      label: "definition")
  }
}

extension Subject {
  /// Why the naive form cannot evaluate any of the configurations, or nil.
  var withoutNaiveForm: String? {
    let obstacles = candidates.compactMap(\.claims.definition).map(naives.obstacle)
    return obstacles.contains { $0 == nil } ? nil : obstacles.compactMap { $0 }.first
  }
}
