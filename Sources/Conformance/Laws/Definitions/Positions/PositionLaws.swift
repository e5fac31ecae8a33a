internal import Catalogue
internal import Foundation
internal import JSON
internal import Oracles
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// P09: ⟨R_m q, R_n k⟩ depends on m − n, and on nothing else; from position 0 on, R_0 is the identity
  /// and R_m R_n = R_(m+n), norms are kept, and channels that are not turned stay as they are.
  ///
  /// A rule may multiply cosines and sines by a factor, once for each R.
  static let rotaryRelative = Law(
    .rotaryRelative, trials: 24, witness: "rotaryKeyAtZero", needs: [.definition("rotary")],
    plan: ScenarioPlan(fills: .only(.normal), minimumLength: 3) { draft in
      [.number("step", below: draft.queries)]
    }, effects: ["products differ"]
  ) { setting, trial in
    let inputs = try setting.inputs()
    // The same token everywhere.
    let tokens = try ["q", "k"].map { name in
      let given = try inputs.tensor(name)
      return try given.slice(-2, 0..<1).expanded(given.shape)
    }
    func turned(_ part: any PartModule, _ query: Tensor, _ key: Tensor) throws -> [Tensor] {
      let both = try part.run(["q": query, "k": key])
      return try [both.index(0, 0), both.index(0, 1)]
    }
    let (length, anywhere) = try (tokens[0].size(-2), turned(setting.part(), tokens[0], tokens[1]))
    let products = try anywhere[0].matmul(anywhere[1].transposed())
    let earlier = try products.slice(-1, 0..<length - 1).slice(-2, 0..<length - 1)
    try trial.equal(
      products.slice(-1, 1..<length).slice(-2, 1..<length), earlier, .exact(),
      label: "equal distances")
    let (near, far) = try (products.slice(-1, 0..<1), products.slice(-1, 1..<2))
    trial.classify("products differ", try !compare(near, far, .exact()).isEqual)

    guard try setting.config(defining: [OptionChange("offset", 0)]) != nil else { return }
    let start = try setting.part(defining: OptionChange("offset", 0))
    let options = try setting.definition.options
    let width = options["rotary_dim"]?.int ?? tokens[0].size(-1)
    let factor = try RotaryAngles(
      OracleCall(options: OracleOption.group(of: options)), width: width, length: length
    ).magnitude
    let step = try setting.number("step")
    let once = try turned(start, tokens[0], tokens[1])
    let moved = try once.map { try $0.slice(-2, step..<step + 1).expanded($0.shape) }
    let twice = try turned(start, moved[0], moved[1])
    for number in 0..<2 {
      func channels(_ tensor: Tensor) throws -> Tensor { try tensor.slice(-1, 0..<width) }
      let (own, all) = try (channels(tokens[number]), channels(once[number]))
      try trial.equal(
        all.slice(-2, 0..<1), own.slice(-2, 0..<1) * factor, .exact(), label: "position 0")
      try trial.equal(
        (all * all).sum(-1), (own * own).sum(-1) * (factor * factor), .exact(), label: "norms")
      try trial.equal(
        channels(twice[number]).slice(-2, 0..<length - step),
        all.slice(-2, step..<length) * factor, .exact(), label: "two turns")
      guard width < tokens[number].size(-1) else { continue }
      let rest = width..<tokens[number].size(-1)
      try trial.unchanged(
        once[number].slice(-1, rest), tokens[number].slice(-1, rest), label: "other channels")
    }
  }

  /// P10: the first rows of a longer call are those of a shorter one, and an offset leaves out the
  /// rows before it, in every bit. Where angles depend on the length, only calls that end at the same
  /// position are compared; of queries and keys, the fewer are turned as among the others.
  static let rotaryLengths = Law(
    .rotaryLengths, trials: 104, witness: "rotaryOffsetAfterAngles", needs: [.definition("rotary")],
    plan: ScenarioPlan(minimumLength: 3) { draft in [.number("cut", below: draft.queries - 1)] }
  ) { setting, trial in
    let (part, inputs) = try (setting.part(), setting.inputs())
    let (length, cut) = try (
      setting.scenario.lengths[.queryLength], setting.number("cut") + 1
    )
    func rows(_ range: Range<Int>) throws -> [String: Tensor] {
      try inputs.mapValues { try $0.slice(-2, range) }
    }
    let whole = try part.run(inputs)
    if let rotary = part as? RotaryEmbedding {
      let (query, key) = try (inputs.tensor("q"), inputs.tensor("k"))
      func first(_ tokens: Tensor) throws -> Tensor { try tokens.slice(-2, 0..<cut) }
      try trial.unchanged(
        rotary(first(query), key).query, first(whole.index(0, 0)), label: "fewer queries")
      try trial.unchanged(
        rotary(query, first(key)).key, first(whole.index(0, 1)), label: "fewer keys")
    }
    let offset = try setting.option("offset", default: 0)
    // Up to here angles do not depend on the length.
    let isFixed = try setting.definition.options["scaling"]?["type"]?.string != "dynamic_ntk"
    let limit =
      try setting.definition.options["scaling"]?["original_max_position_embeddings"]?.int ?? 0
    if isFixed || offset + length <= limit {
      try trial.unchanged(
        part.run(rows(0..<cut)), whole.slice(-2, 0..<cut), label: "the first \(cut) rows")
    }
    let change = OptionChange("offset", offset + cut)
    guard try setting.config(defining: [change]) != nil else { return }
    try trial.unchanged(
      setting.part(defining: change).run(rows(cut..<length)), whole.slice(-2, cut..<length),
      label: "an offset of \(cut)")
  }

  /// P11: in narrow types, outputs at positions up to 131072 are the definition's up to T3 without a
  /// naive form, a few roundings of the largest number: angles that are rounded to single precision
  /// are off by up to 0.01 there.
  static let positionPhase = Law(
    .positionPhase, trials: 12, witness: "rotarySingleAngles",
    dtypes: [.float32, .bfloat16, .float16],
    needs: [
      Need("no phase") { ["rotary", "sine"].contains($0.definition?.oracle) }
    ],
    plan: ScenarioPlan(fills: .small, masks: .none, sameLength: true) { _ in
      [.number("middle", below: 1 << 17 - 32)]
    }
  ) { setting, trial in
    var longest = setting.scenario.lengths
    (longest[.batch], longest[.heads]) = (1, 1)
    guard
      let (length, config, _) = setting.nearest(1 << 17, &longest)
    else { throw Rejected() }
    let part = try setting.part(in: config)
    let inputs = try setting.call(of: part, longest)
    let output = try part.run(inputs)
    let definition = try setting.definition
    for start in [0, min(try setting.number("middle"), length - 16), length - 16] {
      let window = start..<start + 16
      func rows(_ name: String) throws -> Tensor {
        try inputs.tensor(name).slice(-2, window).to(.float64)
      }
      let expected =
        definition.oracle == "sine"
        ? try rows("x") + NaiveForm.sineTable(like: rows("x"), start: start)
        : try Tensor.stack(
          ["q", "k"].map { name in
            let tokens = try rows(name)
            return try RotaryTable(tokens, definition.options, window, of: length).turned(tokens)
          }, 0)
      try trial.equal(
        output.slice(-2, window), expected,
        .rounding(
          naive: 0, unit: setting.dtype.unitRoundoff, scale: expected.abs().maximum().item()),
        label: "positions from \(start)")
    }
  }
}
