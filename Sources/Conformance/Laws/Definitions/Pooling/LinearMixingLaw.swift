internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// POO3: the mixing is linear and no channel meets another; an even window, and where the
  /// configuration has them under these names, another `stride` than 1 and a `padding` that changes the
  /// number of tokens, throw.
  static let linearMixing = Law(
    .linearMixing, trials: 16, witness: "paddingOptionDead", needs: [.definition("pooling")],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let query = try inputs.tensor("q")
    func mixed(_ query: Tensor) throws -> Tensor {
      try part.run(inputs.merging(["q": query]) { $1 })
    }
    let before = try mixed(query)
    let other = try Tensor.normal(query.shape, .float64, generator: Generator(seed: trial.seed))
    try trial.equal(
      mixed(query * 2 - other * 3), before * 2 - mixed(other) * 3, .exact(),
      label: "a mixture of inputs")

    let channels = query.size(2)
    let changed = Int(trial.seed % UInt64(channels))
    let rest = (0..<channels).filter { $0 != changed }
    let mask = try Tensor((0..<channels).map { $0 == changed }, shape: [channels])
    for (what, tokens) in [("other values", other), ("NaN", try other * .nan)] where !rest.isEmpty {
      let after = try mixed(mask.select(tokens, else: query))
      try trial.unchanged(
        after.picked(2, rest), before.picked(2, rest), label: "\(what) in another channel")
    }

    let size = try setting.option("pool_size", default: 3)
    var wrong: [(label: String, key: String?, value: Int)] = []
    let key = try setting.key(setting: "pool_size", to: .integer(size + 2))
    wrong += [2, 4].map { ("an even window", key, $0) }
    wrong += [0, 2, 3].map { ("a stride of \($0)", "stride", $0) }
    wrong += [size / 2 + 1, size, size / 2 - 1].map { ("a padding of \($0)", "padding", $0) }
    for (label, key, value) in wrong {
      guard let key, setting.subject.entry.keys.contains(key) else { continue }
      trial.throwsError(PartError.self, label: label) {
        _ = try setting.part([key: .integer(value)])
      }
    }
  }
}
