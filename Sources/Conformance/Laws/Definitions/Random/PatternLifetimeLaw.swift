internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// RND3: each length has one pattern for the life of the part, whatever is called between, or
  /// each call has its own, as the part claims; another seed gives another, the same the same.
  static let patternLifetime = Law(
    .patternLifetime, trials: 24, witness: "patternRenewed",
    needs: [.definition("random"), .variedPatterns],
    plan: ScenarioPlan(fills: .small, masks: .none)
  ) { setting, trial in
    // Of so many pairs two patterns are never the same by chance.
    let part = try setting.part(settled: false)
    func pattern(_ length: Int) throws -> Tensor {
      try RandomPattern(part, drawnFor: length).tensor.clone()
    }
    let first = try pattern(16)
    _ = try pattern(12)
    let second = try pattern(16)
    if case .redraws = setting.claims.evalDeterminism {
      let isOld = try compare(second, first, .bits).isEqual
      trial.expect(!isOld, label: "a new pattern", "two calls have one pattern")
    } else {
      try trial.unchanged(second, first, label: "the pattern after other lengths")
      part.train()
      try trial.unchanged(pattern(16), first, label: "the pattern in training")
      part.eval()
    }
    try part.reseed(setting.scenario.parameterSeed &+ 1)
    let other = try compare(pattern(16), first, .bits).isEqual
    trial.expect(!other, label: "another seed", "another seed, the same pattern")
    try part.reseed(setting.scenario.parameterSeed)
    try trial.unchanged(pattern(16), first, label: "the first seed again")
  }
}

extension Need {
  /// Pairs are neither rare nor nearly all.
  fileprivate static let variedPatterns = Need("nearly no or nearly all pairs") {
    0.1...0.9 ~= $0.definition?.options["r"]?.double ?? 0
  }
}
