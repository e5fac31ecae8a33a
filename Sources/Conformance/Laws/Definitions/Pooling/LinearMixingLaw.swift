internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// POO3: the mixing is linear and no channel meets another; an even window throws, and so does any
  /// other number of the configuration, such as a stride or a padding, in all values but one.
  static let linearMixing = Law(
    .linearMixing, trials: 16, witness: "paddingOptionDead", needs: [.definition("pooling")],
    plan: ScenarioPlan(fills: .small) { draft in
      [
        .tensor("other tokens", draft.query),
        .number("changed channel", below: draft.query.last ?? 1),
      ]
    }
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let query = try inputs.tensor("q")
    func mixed(_ query: Tensor) throws -> Tensor {
      try part.run(inputs.merging(["q": query]) { $1 })
    }
    let before = try mixed(query)
    let other = try setting.extra("other tokens")
    try trial.equal(
      mixed(query * 2 - other * 3), before * 2 - mixed(other) * 3, .exact(),
      label: "a mixture of inputs")

    let channels = query.size(2)
    let changed = try setting.number("changed channel")
    let rest = (0..<channels).filter { $0 != changed }
    let mask = try Tensor((0..<channels).map { $0 == changed }, shape: [channels])
    for (what, tokens) in [("other values", other), ("NaN", try other * .nan)] where !rest.isEmpty {
      let after = try mixed(mask.select(tokens, else: query))
      try trial.unchanged(
        after.picked(2, rest), before.picked(2, rest), label: "\(what) in another channel")
    }

    let size = try setting.option("pool_size", default: 3)
    // Another option of a configuration may hold the window as it is.
    guard let key = try setting.key(setting: "pool_size", to: .integer(size + 2)) else { return }
    for width in [2, 4] {
      trial.refuses(key: key, label: "an even window") {
        _ = try setting.part([key: .integer(width)])
      }
    }
    // The definition has no other number, so that one that may vary is dead, or changes the result.
    for other in setting.subject.wholeNumbers
    where other != key && !setting.subject.dropoutKeys.contains(other) {
      var accepted: [Int] = []
      for value in 0...size + 2 {
        do {
          _ = try setting.part([other: .integer(value)])
          accepted.append(value)
        } catch {
          trial.refuses(key: other, label: "another number") { throw error }
        }
      }
      trial.expect(
        accepted.count < 2, label: "a number that is dead",
        "`\(other)` may be any of \(accepted), and the definition has no such option")
    }
  }
}

extension Subject {
  /// The keys of the configuration that hold whole numbers.
  fileprivate var wholeNumbers: [String] {
    entry.keys.filter { key in
      var known = [entry.sample[key] ?? .null]
      if case .values(let list) = entry.domain[key] { known += list }
      return known.contains { if case .integer = $0 { true } else { false } }
    }
  }
}
