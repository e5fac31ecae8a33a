internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// NYS1: as many landmarks as keys give full attention over the real keys, for every query that
  /// is not padding.
  static let densePath = Law(
    .densePath, trials: 26, witness: "paddingIgnored",
    needs: [.nystrom, .exact, .noConvolution], plan: ScenarioPlan(fills: .distinct)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    try trial.equal(
      setting.realQueries(part.run(inputs), inputs),
      setting.realQueries(setting.fullAttention(inputs), inputs), .exact(),
      label: "full attention")
  }
}
