internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U05: in evaluation two calls agree in every bit, seeds decide what is random, and nothing
  /// draws from libtorch's global generator.
  static let determinism = Law(
    .determinism, trials: 24, witness: "dropoutSharedStream",
    dtypes: DType.floating
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
      try part.reseed(seed)
      let output = try part.run(inputs)
      for _ in 1..<max(calls, 1) {
        try trial.unchanged(part.run(inputs), output, label: "before the draws are renewed")
      }
      // For some lengths there is nothing to draw, and few pairs may be drawn alike.
      let isOther = try (0..<8).contains { _ in
        try !compare(part.run(inputs), output, .bits).isEqual
      }
      trial.cover(atLeast: 1, "renewed draws, another output", isOther)
      try part.reseed(seed)
      try trial.unchanged(part.run(inputs), output, label: "the first seed again")
    }
  }
}
