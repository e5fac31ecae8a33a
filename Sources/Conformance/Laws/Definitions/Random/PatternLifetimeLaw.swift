internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// RND3: as claimed, either each length keeps one pattern for the life of the part, regardless of
  /// other calls, or each call draws its own and attends to the pairs it drew, however it is computed;
  /// the same seed gives the same pattern, another seed another.
  static let patternLifetime = Law(
    .patternLifetime, trials: 24, witness: "patternRenewed",
    needs: [.definition("random"), .variedPatterns],
    plan: ScenarioPlan(fills: .small, masks: .none)
  ) { setting, trial in
    // With this many pairs, two patterns never coincide by chance.
    let part = try setting.part(settled: false)
    func pattern(_ length: Int) throws -> Tensor {
      try RandomPattern(part, drawnFor: length).tensor.clone()
    }
    let first = try pattern(16)
    _ = try pattern(12)
    let second = try pattern(16)
    if case .redraws = setting.claims.evalDeterminism {
      let isOld = try compare(second, first, .bits).isEqual
      trial.expect(!isOld, label: "a new pattern", "two calls have the same pattern")
      let own = part.choosing?.path
      for path in AttentionPath.allCases {
        part.choosing?.path = path
        let call = try AttentionCall(setting, part)
        for number in 1...2 {
          try trial.equal(
            part.run(call.tensors), RandomPattern(part).attention(call, setting), .exact(),
            label: "the pairs of call \(number)")
        }
      }
      if let own { part.choosing?.path = own }
    } else {
      try trial.unchanged(second, first, label: "the pattern after other lengths")
      part.train()
      try trial.unchanged(pattern(16), first, label: "the pattern in training")
      part.eval()
    }
    try part.reseed(setting.scenario.parameterSeed &+ 1)
    let other = try compare(pattern(16), first, .bits).isEqual
    trial.expect(!other, label: "another seed", "another seed gives the same pattern")
    try part.reseed(setting.scenario.parameterSeed)
    try trial.unchanged(pattern(16), first, label: "the first seed again")
  }
}

extension Need {
  /// The pattern holds neither almost no pairs nor almost all.
  fileprivate static let variedPatterns = Need("almost no pairs or almost all") {
    0.1...0.9 ~= $0.definition?.options["r"]?.double ?? 0
  }
}
