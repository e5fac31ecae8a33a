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
    let inputs = try setting.normalInputs(part, longer)
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

extension Setting {
  /// Finds lengths near these that the part accepts with some configuration.
  func nearest(
    _ wanted: Int, _ lengths: inout Lengths
  ) -> (length: Int, config: JSON, claims: Claims)? {
    for length in stride(from: wanted, to: wanted / 2, by: -1) {
      // Building the part for each length in turn takes long.
      if scenario.claims.sequence == .squared, !SequenceClaim.squared.accepts(length) { continue }
      (lengths[.queryLength], lengths[.keyLength]) = (length, length)
      let moved = OptionAxis.moved(
        scenario.config, subject.options, from: scenario.lengths, to: lengths)
      let sample = subject.entry.sample(length: length)
      let mixed = sample.map {
        Self.changes(of: $0, from: subject.entry.sample, in: scenario.config)
      }
      for config in [moved, mixed, sample].compactMap(\.self) {
        let fitting = OptionAxis.moved(
          config, subject.options, from: .reference, to: lengths)
        guard let claims = try? subject.claims(fitting, lengths) else { continue }
        if claims.sequence.accepts(length) { return (length, fitting, claims) }
      }
    }
    return nil
  }

  /// A configuration with the values of another where a sample agrees with the usual one.
  private static func changes(of sample: JSON, from usual: JSON, in given: JSON) -> JSON {
    if sample == usual { return given }
    guard let own = sample.object, let old = usual.object, var mixed = given.object else {
      return sample
    }
    for (key, value) in own {
      mixed[key] = changes(of: value, from: old[key] ?? .null, in: given[key] ?? .null)
    }
    return .object(mixed)
  }

  /// Normal numbers of given lengths for every input of a part.
  func normalInputs(_ part: any PartModule, _ lengths: Lengths) throws
    -> [String: Tensor]
  {
    let generator = Generator(seed: scenario.parameterSeed)
    var inputs: [String: Tensor] = [:]
    for input in part.signature.inputs {
      let shape = input.axes.map { axis in
        (part.signature.fixed[axis.letter] ?? lengths.length(of: axis.letter) ?? 1) + axis.extra
      }
      let numbers = try Tensor.normal(shape, .float64, generator: generator)
      inputs[input.name] =
        switch input.element {
        case .floating: try numbers.to(dtype)
        case .index(let bound):
          try Tensor(
            numbers.doubles().map { Int(($0 * 1000).magnitude) % bound }, shape: shape)
        }
    }
    return inputs
  }
}
