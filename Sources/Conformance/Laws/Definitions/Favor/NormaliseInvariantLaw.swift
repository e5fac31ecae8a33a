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
    let plain = try setting.part(defining: OptionChange("normalize_inputs", false))
    let normalised = try setting.part(defining: OptionChange("normalize_inputs", true))
    try trial.equal(
      normalised.run(inputs), plain.run(inputs), .exact(), label: "normalised inputs")
  }
}
