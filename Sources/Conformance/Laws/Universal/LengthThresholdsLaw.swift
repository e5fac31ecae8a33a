internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U28: just below and at each length from which a part claims to compute in another way, and at a
  /// length that trials of other laws do not reach, every implementation equals the definition in
  /// elementary operations, with each form of mask, and its derivatives equal central differences.
  ///
  /// In float64 the tolerance is T2. In half precision, T3, that length is above 256, from which on not
  /// all whole numbers are representable. Lengths beyond 600 are left out.
  static let lengthThresholds = Law(
    .lengthThresholds, trials: 16, witness: "globalChunksRestart", dtypes: [.float64, .bfloat16],
    needs: [.someDefinition], judging: ["definition", "thresholds"],
    plan: ScenarioPlan(fills: .small, masks: .none, sameLength: true) { draft in
      [
        .number("place", below: 2 * draft.scenario.claims.thresholds.count + 1),
        .number("equal widths", below: 2), .number("roundings", below: 1 << 16),
        .number("mask", below: 2 * LongMask.allCases.count),
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
    guard let (_, config, claims) = setting.nearest(wanted, &longer, scaling: true) else {
      throw Rejected()
    }
    let part = try setting.part(in: config, settled: false)
    var inputs = try setting.call(of: part, longer)
    let mask = try setting.number("mask")
    if LongMask.allCases.indices.contains(mask) {
      try LongMask.allCases[mask].add(to: &inputs, of: part, claims, setting)
    }
    _ = try part.run(inputs)
    try part.inject(part.drawn)
    let paths = part.choosing == nil ? [nil] : AttentionPath.allCases.map(Optional.some)
    let differentiated = Int(setting.scenario.parameterSeed % UInt64(paths.count))
    for (number, path) in paths.enumerated() {
      if let path { part.choosing?.path = path }
      let output = try part.run(inputs)
      let naives = setting.subject.naives
      try expectDefinition(
        part, inputs, setting, &trial, output: output,
        expected: naives.obstacle(setting.definition) == nil
          ? naives.evaluate(part, inputs, widened: true) : nil)
      // One implementation in each trial: derivatives are slow to check.
      if setting.dtype == .float64, number == differentiated {
        try expectSlope(part, inputs, claims, setting, &trial)
      }
    }
  }

  /// Checks the derivative by one tensor or parameter along one direction.
  private static func expectSlope(
    _ part: any PartModule, _ inputs: [String: Tensor], _ claims: Claims, _ setting: Setting,
    _ trial: inout Trial
  ) throws {
    let call = try DifferentiableCall(part, inputs, claims)
    guard !call.names.isEmpty else { return }
    let seed = setting.scenario.parameterSeed
    let name = call.names[Int(seed / 3 % UInt64(call.names.count))]
    let generator = Generator(seed: seed)
    func normal(like tensor: Tensor) throws -> Tensor {
      try Tensor.normal(tensor.shape, .float64, generator: generator)
    }
    let cotangent = try normal(like: call.output())
    guard let derivative = try call.derivatives([cotangent])[0][name] else { return }
    let direction = try call.direction(name, like: normal(like: derivative))
    let difference = try call.difference(name, along: direction, cotangent)
    guard difference.isSmooth else { return }
    try trial.equal(
      (derivative * direction).sum(), Tensor([difference.slope], shape: []), .derivative,
      label: "the derivative by \(name)")
  }
}

/// A mask for a call of any length.
private enum LongMask: CaseIterable {
  case pairs, bias, penalty, padding

  /// Adds the mask, if it is claimed in this form.
  func add(
    to inputs: inout [String: Tensor], of part: any PartModule, _ claims: Claims, _ setting: Setting
  ) throws {
    let kind: MaskKind =
      switch self {
      case .pairs: .boolean2D
      case .bias, .penalty: .additive
      case .padding: .keyPadding
      }
    guard claims.masks.contains(kind), let query = inputs[part.signature.inputs[0].name] else {
      return
    }
    let length = query.size(-2)
    let generator = Generator(seed: setting.scenario.parameterSeed &+ 2)
    func numbers(_ rows: Int, _ type: DType) throws -> Tensor {
      try Tensor.normal([rows, length], type, generator: generator)
    }
    switch self {
    case .pairs: inputs["att_mask"] = try numbers(length, .float64) .> 0
    case .bias: inputs["att_mask"] = try numbers(length, setting.dtype)
    case .penalty: inputs["att_mask"] = try -numbers(length, setting.dtype).abs()
    case .padding: inputs["key_padding_mask"] = try numbers(query.size(0), .float64) .> -1
    }
  }
}
