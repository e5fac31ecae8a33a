internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FAV7: in training vectors are drawn anew at the first call and every n-th after it, or never; in
  /// evaluation never; queries and keys of a call share them, and they are in the state (T0).
  static let redrawSchedule = Law(
    .redrawSchedule, trials: 25, witness: "favorRedrawLate", needs: [.favor],
    plan: ScenarioPlan(fills: .distinct, dropout: false)
  ) { setting, trial in
    var call = try RedrawnCall(setting)
    let period = setting.claims.redrawsInTraining
    try trial.assume(period ?? 1 <= 8)
    trial.collect("calls between draws", period ?? 0)
    try call.expect(isNew: false, "evaluation", &trial)
    call.part.train()
    for index in 0...2 * (period ?? 1) {
      try call.expect(isNew: period.map { index % $0 == 0 } ?? false, "training", &trial)
    }
    call.part.eval()
    try call.expect(isNew: false, "evaluation after training", &trial)
    try call.expect(isNew: false, "evaluation again", &trial)
  }
}

/// A call that is made again and again while vectors are drawn anew.
private struct RedrawnCall {
  let part: any PartModule
  private let problem: FavorProblem
  private let inputs: [String: Tensor]
  /// The vectors after the last call.
  private var vectors: Tensor

  init(_ setting: Setting) throws {
    problem = try FavorProblem(setting)
    part = try setting.part()
    inputs = try setting.inputs()
    vectors = try FavorProblem.vectors(of: part)
  }

  /// Asserts that the next call has new vectors, or the old ones, and uses those it reports.
  mutating func expect(isNew: Bool, _ label: String, _ trial: inout Trial) throws {
    let output = try part.run(inputs)
    let after = try FavorProblem.vectors(of: part)
    let isSame = try compare(after, vectors, .bits).isEqual
    trial.expect(
      isSame != isNew, label: label, "\(label): the vectors are \(isSame ? "the same" : "new")")
    try trial.equal(
      output, problem.attention(inputs, after), .exact(), label: "\(label): shared vectors")
    let isSaved = try part.stateDict.values.contains { saved in
      try saved.shape == after.shape && compare(saved, after, .bits).isEqual
    }
    trial.expect(isSaved, label: "\(label): saved", "the vectors are not in the state")
    vectors = after
  }
}
