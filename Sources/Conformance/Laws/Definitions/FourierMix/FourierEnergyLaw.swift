internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FOU2: ‖y‖² = (S·E/2)·(‖x‖² + ⟨x, Px⟩), P the reversal of tokens and channels modulo S and E.
  static let fourierEnergy = Law(
    .fourierEnergy, trials: 16, witness: "fourierNormalised",
    needs: [.definition("fourier_mix")], plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let inputs = try setting.inputs()
    let x = try inputs.tensor("q")
    let y = try setting.part().run(inputs)
    let even = try (x * x).sum(1, 2) + (x * x.reversedModulo()).sum(1, 2)
    try trial.equal(
      (y * y).sum(1, 2), even * (Double(x.size(1) * x.size(2)) / 2), .exact(),
      label: "the energy of each item")
  }

  /// FOU3: applied twice, (S·E/2)·(x + Px); and the transform is linear.
  static let doubleApplication = Law(
    .doubleApplication, trials: 16, witness: "fourierShortcut",
    needs: [.definition("fourier_mix")],
    plan: ScenarioPlan(fills: .small) { draft in [.tensor("other tokens", draft.query)] }
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let x = try inputs.tensor("q")
    func mixed(_ query: Tensor) throws -> Tensor {
      try part.run(inputs.merging(["q": query]) { $1 })
    }
    let once = try mixed(x)
    try trial.equal(
      mixed(once), (x + x.reversedModulo()) * (Double(x.size(1) * x.size(2)) / 2), .exact(),
      label: "the transform of the transform")
    let other = try setting.extra("other tokens")
    try trial.equal(
      mixed(x * 2 - other * 3), once * 2 - mixed(other) * 3, .exact(), label: "a mixture of inputs")
  }
}

extension Tensor {
  /// Tokens and channels `[B, S, E]` in reverse, the first of each in its place.
  fileprivate func reversedModulo() throws -> Tensor {
    func order(_ count: Int) -> [Int] { (0..<count).map { (count - $0) % count } }
    return try picked(1, order(size(1))).picked(2, order(size(2)))
  }
}
