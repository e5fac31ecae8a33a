internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FAV4: normalised inputs give what plain ones give, since a constant cancels.
  static let normaliseInvariant = Law(
    .normaliseInvariant, trials: 20, witness: "favorNormalisedByToken",
    needs: [.favor, .normalisedInputs], plan: ScenarioPlan(fills: .distinct)
  ) { setting, trial in
    let inputs = try setting.inputs()
    guard let plain = try setting.part(defining: "normalize_inputs", as: false),
      let normalised = try setting.part(defining: "normalize_inputs", as: true)
    else { throw KitError("no key of the configuration sets `normalize_inputs`") }
    try trial.equal(
      normalised.run(inputs), plain.run(inputs), .exact(), label: "normalised inputs")
  }
}
