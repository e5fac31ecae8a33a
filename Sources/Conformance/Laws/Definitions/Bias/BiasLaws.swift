internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// H05: head h lowers a logit by 2^(−8(h + 1)/n) for each token of distance if the number of heads n is
  /// a power of two; otherwise its slopes are those of the next lower power, and then every second one
  /// of the next higher. A part for one number of heads does not change one for another.
  static let alibi = Law(
    .alibi, trials: 16, witness: "alibiGeometric", needs: [.definition("alibi")],
    plan: ScenarioPlan { _ in
      [
        .number("heads", below: 16), .number("other heads", below: 16),
        .number("distance", below: 1 << 17),
      ]
    }
  ) { setting, trial in
    let numbers = try ["heads", "other heads"].map { try setting.number($0) + 1 }
    let parts = try numbers.map { try setting.part(defining: OptionChange("num_heads", $0)) }
    trial.classify("no power of two", numbers[0].nonzeroBitCount > 1)
    for (heads, part) in zip(numbers, parts) {
      let logits = try Tensor.zeros([1, heads, 4, 4], .float64)
      // The last query comes after all keys.
      let row = try part.run(["logits": logits]).index(0, 0).slice(1, 3..<4)
      let expected = documentedSlopes(heads).flatMap { slope in
        [3.0, 2, 1, 0].map { -slope * $0 }
      }
      try trial.equal(
        row, Tensor(expected, shape: [heads, 1, 4]), .exact(), label: "\(heads) heads")
      let distance = try setting.number("distance")
      let far = documentedSlopes(heads).map { -$0 * Double(distance) }
      try trial.equal(
        asBias(part).bias(queries: 1, keys: 1, offset: distance, .float64),
        Tensor(far, shape: [heads, 1, 1]), .exact(), label: "a distance of \(distance)")
    }
  }

  /// P12: a bias depends on the distance of query and key alone, whatever their numbers are; with an
  /// offset it is that of the later queries, and by name it is added to the logits.
  static let biasDistance = Law(
    .biasDistance, trials: 24, witness: "biasOffsetIgnored", needs: [.relativeBias],
    plan: ScenarioPlan { _ in [.number("offset", below: 40)] }
  ) { setting, trial in
    let (part, inputs) = try (setting.part(), setting.inputs())
    let typed = try asBias(part)
    let logits = try inputs.tensor("logits")
    let (queries, keys) = (logits.size(2), logits.size(3))
    let own = try typed.bias(queries: queries, keys: keys, offset: 0, .float64)
    try trial.equal(part.run(inputs), logits + own, .exact(), label: "added to the logits")
    let offset = try setting.number("offset")
    let whole = try typed.bias(
      queries: offset + queries, keys: offset + keys + 1, offset: 0, .float64)
    try trial.unchanged(
      typed.bias(queries: queries, keys: keys, offset: offset, .float64),
      whole.slice(1, offset..<offset + queries).slice(2, 0..<keys), label: "an offset of \(offset)")
    let square = min(queries, keys)
    try trial.unchanged(
      whole.slice(1, offset..<offset + square).slice(2, offset..<offset + square),
      own.slice(1, 0..<square).slice(2, 0..<square), label: "\(offset) tokens before all others")
  }

  /// P13: near distances have buckets of their own, the others those that grow geometrically up to the
  /// longest, and each direction its half; with 32 buckets up to 128 they are those of the authors.
  static let relativeBuckets = Law(
    .relativeBuckets, trials: 16, witness: "relativeDirectionSwapped",
    needs: [.definition("t5_relative")]
  ) { setting, trial in
    func buckets(_ part: any PartModule, _ distances: [Int]) throws -> [Double] {
      // Each bucket holds its own number.
      let key = try setting.key(of: "weight")
      let shape = part.claims.parameters[key]?.shape ?? [1, 1]
      let numbers = try Tensor.range(shape[0], .float64).unsqueezed(1).expanded(shape)
      try part.load([key: numbers], strict: false)
      let least = max(0, -(distances.min() ?? 0))
      let logits = try Tensor.zeros(
        [1, shape[1], least + 1, least + (distances.max() ?? 0) + 1], .float64)
      let row = try part.run(["logits": logits]).index(0, 0).index(0, 0).index(0, least)
      return try row.picked(0, distances.map { $0 + least }).doubles()
    }
    let options = try setting.definition.options
    let own = DistanceBuckets(options)
    let distances = Array(-160...160)
    try trial.equal(
      Tensor(buckets(setting.part(), distances), shape: [distances.count]),
      Tensor(distances.map { Double(own.bucket($0)) }, shape: [distances.count]), .exact(),
      label: "buckets of the definition")
    let size = [OptionChange("num_buckets", 32), OptionChange("max_distance", 128)]
    for (isBidirectional, known) in [
      (
        true,
        [
          -128: 15, -64: 14, -20: 10, -8: 8, -1: 1, 0: 0, 1: 17, 7: 23, 8: 24, 20: 26, 64: 30,
          128: 31,
        ]
      ), (false, [-16: 16, -31: 21, -64: 26, -128: 31, 5: 0]),
    ] {
      let config = try setting.config(
        defining: [OptionChange("bidirectional", .bool(isBidirectional))] + size)
      guard let config else { continue }
      let numbers = known.sorted { $0.key < $1.key }
      try trial.equal(
        Tensor(buckets(setting.part(in: config), numbers.map(\.key)), shape: [numbers.count]),
        Tensor(numbers.map { Double($0.value) }, shape: [numbers.count]), .exact(),
        label: "buckets of the authors")
    }
  }
}

extension Need {
  /// A bias that depends on distances alone.
  fileprivate static let relativeBias = Need("no bias of distances") {
    ["alibi", "t5_relative"].contains($0.definition?.oracle)
  }
}

/// The part as a bias.
private func asBias(_ part: any PartModule) throws -> any AttentionBias {
  guard let bias = part as? any AttentionBias else {
    throw KitError("\(part.title) is no attention bias")
  }
  return bias
}
