internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U20: with one entry an eighth of the largest number, numbers below the smallest normal one, rows
  /// of zeros or constant rows in one tensor, the output is finite and equals the definition (T3), up
  /// to the smallest normal number.
  ///
  /// Where the elementary computation, with an entry of the largest number, leaves the range of the type,
  /// such as by squares, large numbers are replaced by their roots; nothing is judged where even that
  /// does, and only that the output is finite where the definition itself loses its
  /// digits in float64: where parameters cancel in it, and in approximations, whose steps do. In
  /// float64 the definition has no more range than the part.
  static let finiteExtremes = Law(
    .finiteExtremes, trials: 24, witness: "softmaxNoMax", dtypes: [.float32, .bfloat16, .float16],
    needs: [.someDefinition, .noExactInverse],
    obstacle: { subject, _ in subject.withoutNaiveForm },
    plan: ScenarioPlan(fills: .small) { draft in
      let inputs = draft.scenario.inputs.filter { $0.element == .floating }
      return [.number("roundings", below: 1 << 16), .number("input", below: inputs.count)]
        + inputs.map {
          .tensor(
            "extreme \($0.name)", $0.recipe.shape,
            fills: FillSet([(.nearMax, 5), (.denormal, 1), (.zeros, 1), (.constantRows, 1)]))
        }
    }
  ) { setting, trial in
    let part = try setting.part()
    var inputs = try setting.inputs()
    let floating = setting.scenario.inputs.filter { $0.element == .floating }.map(\.name)
    if !floating.isEmpty {
      let name = floating[try setting.number("input")]
      inputs[name] = try setting.extra("extreme \(name)")
    }
    let large = try floating.filter { try setting.isLarge(inputs[$0]) }
    func changing(_ inputs: [String: Tensor], _ change: (Tensor) throws -> Tensor) throws
      -> [String: Tensor]
    {
      try inputs.merging(inputs.filter { large.contains($0.key) }.mapValues(change)) { $1 }
    }
    // The elementary computation uses what a call has drawn, and needs room for a sum of terms.
    var output = try? part.run(inputs)
    func isInRange(_ inputs: [String: Tensor]) throws -> Bool {
      try [inputs, changing(inputs) { try $0 * 8 }].allSatisfy {
        try (try? setting.subject.naives.evaluate(part, $0))?.isFinite().allTrue() ?? false
      }
    }
    if try !large.isEmpty && !isInRange(inputs) {
      inputs = try changing(inputs) { x in
        let root = try x.abs().sqrt()
        return try (x .< 0).select(root * -1, else: root)
      }
      output = try? part.run(inputs)
    }
    try trial.assume(isInRange(inputs))
    let isFinite = try output?.isFinite().allTrue() ?? false
    trial.expect(isFinite, label: "finite", "the output is not finite")
    guard isFinite, try setting.hasDigits(part, inputs) else { return }
    try expectDefinition(
      part, inputs, setting, &trial, smallest: setting.lost(inputs))
  }
}

extension Need {
  /// No inverse is exact: such a one jumps where rounding changes the rank.
  fileprivate static let noExactInverse = Need("an exact inverse") {
    $0.hasIterativeInverse != false
  }
}

extension Setting {
  /// Whether the definition keeps its digits beside a large number, in float64 and nearly so in
  /// elementary operations at the type of the call.
  fileprivate func hasDigits(_ part: any PartModule, _ inputs: [String: Tensor]) throws -> Bool {
    let names = Set(part.signature.inputs.map(\.name))
    guard claims.accuracy == .exact, claims.withoutGradient.isSubset(of: names) else {
      return false
    }
    let wide = try subject.naives.evaluate(part, inputs, widened: true)
    let error = try (subject.naives.evaluate(part, inputs).to(.float64) - wide).abs().maximum()
    return try error.item() <= Threshold.roundingsWithDigits * dtype.unitRoundoff
      * wide.abs().maximum().item() + smallest
  }

  /// Whether a tensor has an entry near the largest number.
  fileprivate func isLarge(_ tensor: Tensor?) throws -> Bool {
    guard let tensor, tensor.dtype == dtype else { return false }
    return try tensor.filled(0, where: .!tensor.isFinite()).abs().maximum().item()
      >= dtype.greatestFiniteMagnitude / 16
  }

  /// The smallest normal number of the type.
  fileprivate var smallest: Double { dtype.leastNormalMagnitude }

  /// What a sum may lose of terms below the smallest normal number, given what multiplies them.
  fileprivate func lost(_ inputs: [String: Tensor]) throws -> Double {
    let numbers = inputs.values.filter { $0.dtype == dtype }
    let sizes = try numbers.map { try $0.filled(0, where: .!$0.isFinite()).abs().maximum().item() }
    guard sizes.contains(where: { $0 > 0 && $0 <= smallest }) else { return smallest }
    return zip(numbers, sizes).reduce(smallest) { $0 * Double($1.0.size(-2)) * max(1, $1.1) }
  }
}
