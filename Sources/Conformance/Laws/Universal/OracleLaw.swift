internal import Catalogue
internal import Parts

extension Law {
  /// U02: the output equals the scalar float64 definition on every option path.
  static let oracle = Law(
    .oracle, trials: 48, witness: "scaleMissing", needs: [.someDefinition]
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    try trial.equal(
      part.run(inputs), setting.expected(part, inputs), .exact(), label: "definition")
  }
}
