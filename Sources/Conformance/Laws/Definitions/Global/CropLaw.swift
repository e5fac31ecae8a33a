internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// GLO2: a shorter input is as if the mask ended with it, and a longer one throws.
  static let crop = Law(
    .crop, trials: 24, witness: "globalLastTokens", needs: [.definition("global")],
    plan: ScenarioPlan(fills: .small) { _ in
      [.number("further tokens, less 1", below: 4), .mask("further global tokens", [4])]
    }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let length = try call.query.size(-2)
    let fitting = Array(try GlobalTokens(part).marks.prefix(length))
    let further = try setting.number("further tokens, less 1") + 1
    let more = try setting.extra("further global tokens").booleans().prefix(further)
    let exact = try setting.part(globalTokens: fitting).run(call.tensors)
    try trial.equal(part.run(call.tensors), exact, .exact(), label: "the mask cut off")
    try trial.equal(
      setting.part(globalTokens: fitting + more).run(call.tensors), exact, .exact(),
      label: "a longer mask")
    guard length > 1 else { return }
    let short = try setting.part(globalTokens: fitting.dropLast())
    try trial.refuses(call.with().wrong("a longer input"), by: short)
  }
}
