internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// R05: with scales of 1 and offsets of 0 the mean of each token is 0, if the definition removes it,
  /// and the mean square s of what is left becomes s/(s + ε); scales and offsets are applied after that;
  /// a·x + c gives what x gives with ε/a² in place of ε.
  static let normMoments = Law(
    .normMoments, trials: 16, witness: "normSampleVariance", needs: [.normalizing],
    plan: ScenarioPlan(fills: .small) { _ in [.number("factor", below: 5)] }
  ) { setting, trial in
    let problem = try NormProblem(setting)
    let x = try setting.inputs().tensor(problem.input)
    let rows = try problem.plain(x)
    if problem.isCentred {
      try trial.equal(
        rows.mean(-1), Tensor.zeros(Array(x.shape.dropLast()), .float64), .exact(), label: "mean")
    }
    let square = try problem.moments(x).square
    try trial.equal(
      (rows * rows).mean(-1, keep: true), square / (square + problem.epsilon), .exact(),
      label: "mean square")
    try trial.equal(
      setting.part().run([problem.input: x]), problem.affine(rows), .exact(),
      label: "scale and offset")
    let factor = [0.25, 0.5, 2, 3, 16][try setting.number("factor")]
    let moved = try problem.isCentred ? x * factor + 0.75 : x * factor
    let expected =
      try rows
      * ((square + problem.epsilon) / (square + problem.epsilon / (factor * factor))).sqrt()
    try trial.equal(problem.plain(moved), expected, .exact(), label: "a multiple of the input")
  }

  /// R06: rows whose mean square s is near ε are divided by √(s + ε), in narrow types up to the unit
  /// term of T3: in half precision their squares vanish.
  static let normEpsilon = Law(
    .normEpsilon, trials: 16, witness: "normEpsilonOutside", dtypes: DType.floating,
    needs: [.normalizing],
    plan: ScenarioPlan(fills: .small) { draft in
      [.tensor("small rows", draft.query), .number("size", below: 5)]
    }
  ) { setting, trial in
    let problem = try NormProblem(setting)
    let size = [0.1, 0.5, 1, 2, 10][try setting.number("size")] * problem.epsilon
    let x = try setting.extra("small rows") * size.squareRoot()
    let moments = try problem.moments(x.to(.float64))
    let rows = try moments.rest / (moments.square + problem.epsilon).sqrt()
    let tolerance = Tolerance.rounding(
      naive: 0, unit: setting.dtype.unitRoundoff, scale: try rows.abs().maximum().item())
    try trial.equal(
      problem.plain(x), rows, setting.dtype == .float64 ? .exact() : tolerance,
      label: "rows as small as ε")
  }

  /// R07: in single precision an entry is off by at most 64·u·κ, κ = ‖x‖∞/√(s + ε) of its token, for a
  /// mean up to 4e5 deviations away from 0; a constant token has finite entries, near 0 if the definition
  /// removes the mean. Of two channels only the difference counts then, so that no digit is lost.
  static let normConditioning = Law(
    .normConditioning, trials: 16, witness: "normNaiveVariance", dtypes: [.float32],
    needs: [.normalizing],
    plan: ScenarioPlan(fills: .small) { draft in
      [.tensor("noise", draft.query), .number("offset", below: 6)]
    }
  ) { setting, trial in
    let problem = try NormProblem(setting)
    let offset = [0, 10, 1e3, 3e4, 1e5, 4e5][try setting.number("offset")]
    let x = try setting.extra("noise") + offset
    let moments = try problem.moments(x.to(.float64))
    let deviation = try (moments.square + problem.epsilon).sqrt()
    let exact = try moments.rest / deviation
    let rows = try problem.plain(x)
    let sizes = try x.to(.float64).abs().maximum(-1, keep: true) / deviation
    for (token, size) in try sizes.doubles().enumerated() {
      func row(_ rows: Tensor) throws -> Tensor {
        try rows.reshaped([-1, x.size(-1)]).slice(0, token..<token + 1)
      }
      // The unit term of T3 is 8·u, an eighth of what the law allows.
      try trial.equal(
        row(rows), row(exact),
        .rounding(naive: 0, unit: setting.dtype.unitRoundoff, scale: 8 * size), label: "a token")
    }
    let constant = try problem.plain(x.slice(-1, 0..<1).expanded(x.shape))
    trial.expect(
      try constant.isFinite().allTrue(), label: "a constant token", "\(constant) is not finite")
    guard problem.isCentred else { return }
    trial.judge(
      "the largest entry of a constant token", try constant.abs().maximum().item(),
      Threshold.constantRow, "a constant token near 0")
    guard x.size(-1) > 1 else { return }
    let pair = try NormProblem(setting.with(channels: 2))
    let two = try x.slice(-1, 0..<2)
    let apart = try pair.moments(two.to(.float64))
    try trial.equal(
      pair.plain(two), apart.rest / (apart.square + problem.epsilon).sqrt(),
      .rounding(naive: 0, unit: setting.dtype.unitRoundoff, scale: 1), label: "two channels")
  }

  /// R09: for a cotangent c, rows y and scales g, the derivative d by x has Σ d = 0, if the definition
  /// removes the mean μ, and Σ d·(x − μ) = ε/(s + ε)·Σ c·g·y, since only ε depends on the size of x;
  /// that by the scales is Σ c·y, that by the offsets Σ c, over all tokens.
  static let normGradient = Law(
    .normGradient, trials: 16, witness: "normGradDetached", needs: [.normalizing],
    plan: ScenarioPlan(fills: .small) { draft in [.tensor("cotangent", draft.output)] }
  ) { setting, trial in
    let problem = try NormProblem(setting)
    let part = try setting.part()
    let x = try setting.inputs().tensor(problem.input).requireGrad()
    let cotangent = try setting.extra("cotangent")
    let state = part.stateDict
    let keys = problem.keys.sorted { $0.key < $1.key }
    let found = try part.run([problem.input: x])
      .gradients(of: [x] + keys.map { try state.tensor($0.value) }, cotangent: cotangent)
    func derivative(_ index: Int) throws -> Tensor {
      guard let derivative = found[index] else { throw PartMistake("a derivative is missing") }
      return derivative
    }
    let moments = try problem.moments(x.detached())
    let rows = try moments.rest / (moments.square + problem.epsilon).sqrt()
    let slope = try derivative(0)
    let weighted = try cotangent * problem.weight
    if problem.isCentred {
      try trial.equal(
        slope.sum(-1), Tensor.zeros(Array(x.shape.dropLast()), .float64), .derivative,
        label: "the sum of a token's derivatives")
    }
    let share = try (moments.square + problem.epsilon).power(-1) * problem.epsilon
    try trial.equal(
      (slope * moments.rest).sum(-1, keep: true), share * (weighted * rows).sum(-1, keep: true),
      .derivative, label: "the derivative along the token")
    for (index, key) in keys.enumerated() {
      let terms = try key.key == "bias" ? cotangent : cotangent * rows
      try trial.equal(
        derivative(index + 1), terms.sum(0, 1), .derivative, label: "the derivative by \(key.key)")
    }
  }
}

extension Setting {
  /// The same with tokens of another width.
  fileprivate func with(channels: Int) -> Setting {
    var narrow = scenario
    narrow.lengths[.modelWidth] = channels
    narrow.config = OptionAxis.moved(
      scenario.config, subject.options, from: scenario.lengths, to: narrow.lengths)
    return Setting(subject: subject, scenario: narrow, dtype: dtype)
  }
}

extension Need {
  /// The definition divides by the root of a mean square.
  fileprivate static let normalizing = Need("no mean square is divided out") {
    NormProblem.definitions[$0.definition?.oracle ?? ""] != nil
  }
}

/// A part whose definition removes the mean of each token or not, and divides by the root of what is
/// then the mean square, plus ε.
private struct NormProblem {
  /// The ε of each definition that its options leave out, and whether it removes the mean.
  static let definitions = [
    "layernorm": (epsilon: 0.000_01, isCentred: true),
    "rmsnorm": (epsilon: 0.000_001, isCentred: false),
  ]

  let setting: Setting
  let isCentred: Bool
  let epsilon: Double
  /// The name of the tensor of tokens.
  let input: String
  /// The keys of the part's state by role, `weight` and, if it has one, `bias`.
  let keys: [String: String]
  private let state: [String: Tensor]

  init(_ setting: Setting) throws {
    self.setting = setting
    let definition = try setting.definition
    guard let own = Self.definitions[definition.oracle] else {
      throw KitError("\(definition.oracle) is no normalization")
    }
    isCentred = own.isCentred
    epsilon = definition.options["eps"]?.double ?? own.epsilon
    input = setting.scenario.inputs[0].name
    keys = definition.parameters
    state = try setting.part().stateDict.mapValues { try $0.detached() }
  }

  /// The scales.
  var weight: Tensor { get throws { try state.tensor(setting.key(of: "weight")) } }

  /// What the part gives with scales of 1 and offsets of 0.
  func plain(_ x: Tensor) throws -> Tensor {
    let part = try setting.part()
    for (role, key) in keys {
      let shape = try state.tensor(key).shape
      try part.load(
        [key: Tensor.full(shape, role == "weight" ? 1 : 0, setting.dtype)], strict: false)
    }
    return try withoutGrad { try part.run([input: x]) }
  }

  /// Rows with the scales and offsets of the trial.
  func affine(_ rows: Tensor) throws -> Tensor {
    let scaled = try rows * weight
    return try keys["bias"].map { try scaled + state.tensor($0) } ?? scaled
  }

  /// What is left of tokens without the mean, if it is removed, and the mean square of that.
  func moments(_ x: Tensor) throws -> (rest: Tensor, square: Tensor) {
    let rest = try isCentred ? x - x.mean(-1, keep: true) : x
    return (rest, try (rest * rest).mean(-1, keep: true))
  }
}
