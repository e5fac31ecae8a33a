internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// GLO2: a shorter input is as if the mask ended with it, and a longer one throws.
  static let crop = Law(
    .crop, trials: 24, witness: "globalLastTokens", needs: [.definition("global")],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let length = try call.query.size(-2)
    let fitting = Array(try GlobalTokens(part).marks.prefix(length))
    // Further tokens, some of which are global.
    let more = (0...Int(trial.seed % 4)).map { (trial.seed >> (8 + UInt64($0))) & 1 == 1 }
    let exact = try setting.part(GlobalTokens.config(fitting)).run(call.tensors)
    try trial.equal(part.run(call.tensors), exact, .exact(), label: "the mask cut off")
    try trial.equal(
      setting.part(GlobalTokens.config(fitting + more)).run(call.tensors), exact, .exact(),
      label: "a longer mask")
    guard length > 1 else { return }
    let short = try setting.part(GlobalTokens.config(Array(fitting.dropLast())))
    trial.throwsError(PartError.self, label: "a longer input") {
      _ = try short.run(call.tensors)
    }
  }
}
