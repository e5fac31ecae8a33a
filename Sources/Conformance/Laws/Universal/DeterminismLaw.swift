internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U05: in evaluation two calls agree in every bit, seeds decide what is random, and nothing
  /// draws from libtorch's global generator.
  static let determinism = Law(
    .determinism, trials: 24, witness: "dropoutSharedStream",
    dtypes: DType.floating, plan: ScenarioPlan(extras: telling)
  ) { setting, trial in
    let before = try Generator.globalState()
    let part = try setting.part(settled: false)
    let inputs = try setting.inputs()
    let seed = setting.scenario.parameterSeed
    let first = try part.run(inputs)
    if setting.claims.evalDeterminism != .redraws(every: 1) {
      try trial.unchanged(part.run(inputs), first, label: "a second call")
    }
    let twin = try setting.part(settled: false)
    try trial.unchanged(twin.run(inputs), first, label: "a second part of the same seed")
    try expectSeeds(part, inputs, first, setting, &trial)

    // Training may draw, but the same draws again after the same seed.
    part.train()
    try part.reseed(seed &+ 7)
    let trained = try part.run(inputs)
    try part.reseed(seed &+ 7)
    try trial.unchanged(part.run(inputs), trained, label: "training again after the same seed")
    try trial.unchanged(
      Generator.globalState(), before, label: "the global generator of libtorch")
  }

  /// The inputs of a call, without masks, of so many tokens that what a part draws anew shows in it.
  ///
  /// In the call of the trial there may be nothing to draw, or values that are all the same.
  private static func telling(_ draft: Draft) -> [Extra] {
    let claims = draft.part.claims(queryLength: 16, keyLength: 16)
    guard case .redraws = claims.evalDeterminism, claims.sequence.accepts(16) else { return [] }
    var lengths = draft.scenario.lengths
    (lengths[.queryLength], lengths[.keyLength]) = (16, 16)
    return draft.part.signature.inputs.map { input in
      .tensor(
        "telling \(input.name)",
        input.axes.map { axis in
          (draft.part.signature.fixed[axis.letter] ?? lengths.length(of: axis.letter) ?? 1)
            + axis.extra
        })
    }
  }

  /// Another seed changes what is claimed to depend on it, and nothing else.
  private static func expectSeeds(
    _ part: any PartModule, _ inputs: [String: Tensor], _ first: Tensor, _ setting: Setting,
    _ trial: inout Trial
  ) throws {
    let seed = setting.scenario.parameterSeed
    switch setting.claims.evalDeterminism {
    case .pure:
      try part.reseed(seed &+ 1)
      try trial.unchanged(part.run(inputs), first, label: "another seed of a pure part")
    case .seeded:
      // What is drawn may happen to be the same, or to choose the same; and for some lengths a part
      // may have nothing to draw.
      let isOther = try (UInt64(1)...8).contains { step in
        try part.reseed(seed &+ step)
        return try !compare(part.run(inputs), first, .bits).isEqual
      }
      trial.cover(0.02, "another seed, another output", isOther)
      try part.reseed(seed)
      try trial.unchanged(part.run(inputs), first, label: "the first seed again")
    case .redraws(let calls):
      var call = inputs
      if !setting.scenario.extras.isEmpty {
        call = Dictionary(
          uniqueKeysWithValues: try part.signature.inputs.map {
            ($0.name, try setting.extra("telling \($0.name)"))
          })
      }
      try part.reseed(seed)
      let output = try part.run(call)
      for _ in 1..<max(calls, 1) {
        try trial.unchanged(part.run(call), output, label: "before the draws are renewed")
      }
      // Few of many pairs may be drawn alike.
      let isOther = try (0..<8).contains { _ in
        try !compare(part.run(call), output, .bits).isEqual
      }
      trial.cover(atLeast: 1, "renewed draws, another output", isOther)
      try part.reseed(seed)
      try trial.unchanged(part.run(call), output, label: "the first seed again")
    }
  }
}
