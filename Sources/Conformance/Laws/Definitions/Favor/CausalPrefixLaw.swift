internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FAV5: causal, each output is what the part that is not gives for the keys up to the query's own,
  /// with the same vectors; the first is the first value.
  static let causalPrefix = Law(
    .causalPrefix, trials: 20, witness: "favorCumsumAxis", needs: [.favor, .causal],
    plan: ScenarioPlan(fills: .distinct)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let output = try part.run(inputs)
    let free = try setting.part(defining: OptionChange("causal", false))
    try free.inject(part.drawn)
    let (query, key) = (try inputs.tensor("q"), try inputs.tensor("k"))
    let value = try inputs.tensor("v")
    for position in 0..<query.size(-2) {
      var prefix = [
        "q": try query.slice(-2, position..<position + 1),
        "k": try key.slice(-2, 0..<position + 1), "v": try value.slice(-2, 0..<position + 1),
      ]
      if let mask = inputs["key_padding_mask"] {
        prefix["key_padding_mask"] = try mask.slice(-1, 0..<position + 1)
      }
      try trial.equal(
        output.slice(-2, position..<position + 1), free.run(prefix), .exact(),
        label: "the keys up to a position")
    }
  }
}
