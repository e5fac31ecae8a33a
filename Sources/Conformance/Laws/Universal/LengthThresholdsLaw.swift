internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U28: just below and at each length from which a part claims to compute in another way, and at a
  /// length that trials of other laws do not reach, every implementation equals the definition in
  /// elementary operations.
  ///
  /// In float64 the tolerance is T2. In half precision, T3, that length is above 256, from which on not
  /// all whole numbers are representable. Lengths beyond 600 are left out.
  static let lengthThresholds = Law(
    .lengthThresholds, trials: 8, witness: "globalChunksRestart", dtypes: [.float64, .bfloat16],
    needs: [.someDefinition],
    plan: ScenarioPlan(fills: .small, masks: .none, sameLength: true) { draft in
      [
        .number("place", below: 2 * draft.scenario.claims.thresholds.count + 1),
        .number("equal widths", below: 2), .number("roundings", below: 1 << 16),
      ]
    }
  ) { setting, trial in
    let lengths =
      setting.claims.thresholds.filter { $0 <= 600 }.flatMap { [$0 - 1, $0] }
      + [setting.dtype == .float64 ? 40 : 300]
    let wanted = lengths[try setting.number("place") % lengths.count]
    var longer = setting.scenario.lengths
    (longer[.batch], longer[.heads]) = (1, min(longer[.heads], 2))
    if try setting.number("equal widths") == 1 { longer[.valueWidth] = longer[.headWidth] }
    guard let (_, config, _) = setting.nearest(wanted, &longer) else { throw Rejected() }
    let part = try setting.part(in: config)
    let inputs = try setting.call(of: part, longer)
    for path in part.choosing == nil ? [nil] : AttentionPath.allCases.map(Optional.some) {
      if let path { part.choosing?.path = path }
      let output = try part.run(inputs)
      let naives = setting.subject.naives
      try expectDefinition(
        part, inputs, setting, &trial, output: output,
        expected: naives.obstacle(setting.definition) == nil
          ? naives.evaluate(part, inputs, widened: true) : nil)
    }
  }
}
