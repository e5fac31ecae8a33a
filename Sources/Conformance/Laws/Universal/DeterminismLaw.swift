internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U05: in evaluation two calls are bit-equal, seeds determine all randomness, a bookmark goes back to
  /// earlier draws, nothing draws from libtorch's global generator, and in training the draws that a
  /// part reports are renewed as often as it claims.
  static let determinism = Law(
    .determinism, trials: 24, witness: "dropoutSharedStream",
    dtypes: DType.floating, judging: ["evalDeterminism", "redrawsInTraining"],
    effects: effects
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

    // Training may draw, but the same seed gives the same draws.
    part.train()
    try part.reseed(seed &+ 7)
    let goBack = try part.bookmark()
    let trained = try part.run(inputs)
    try part.reseed(seed &+ 7)
    try trial.unchanged(part.run(inputs), trained, label: "training again after the same seed")
    part.eval()
    try goBack()
    try trial.unchanged(part.run(inputs), trained, label: "training again from a bookmark")
    try expectRedraws(part, setting, &trial)
    try trial.unchanged(
      Generator.globalState(), before, label: "the global generator of libtorch")
  }

  private static let effects = [
    "another seed, another output", "made from another seed, another output",
    "renewed draws, another output", "training, other draws",
  ]

  /// In training, reported draws stay for as many calls as claimed, and are others afterwards.
  private static func expectRedraws(
    _ part: any PartModule, _ setting: Setting, _ trial: inout Trial
  ) throws {
    let period = setting.claims.redrawsInTraining
    guard period ?? 1 <= 8 else { return }
    if case .redraws = setting.claims.evalDeterminism, period == nil { return }
    var lengths = setting.scenario.lengths
    lengths[.queryLength] = 16
    let call = try setting.call(of: part, lengths)
    try part.reseed(setting.scenario.parameterSeed &+ 7)
    func draws() throws -> [String: Tensor] {
      _ = try part.run(call)
      return part.drawn
    }
    let first = try draws()
    guard period != nil || !first.isEmpty else { return }
    if period != nil {
      trial.expect(
        !first.isEmpty, label: "draws in training",
        "claims.redrawsInTraining is \(period ?? 0), but the part reports no draws")
    }
    func areFirst(_ others: [String: Tensor]) throws -> Bool {
      try first.allSatisfy { name, tensor in
        try others[name].map { try compare($0, tensor, .bits).isEqual } ?? false
      }
    }
    for number in 1..<max(period ?? 3, 1) {
      try trial.expect(
        areFirst(draws()), label: "draws between renewals",
        "call \(number + 1) in training draws again; claims.redrawsInTraining is "
          + (period.map { "\($0)" } ?? "nil"))
    }
    if period != nil { try trial.classify(effects[3], !areFirst(draws())) }
  }

  /// Another seed changes what is claimed to depend on it, and nothing else.
  private static func expectSeeds(
    _ part: any PartModule, _ inputs: [String: Tensor], _ first: Tensor, _ setting: Setting,
    _ trial: inout Trial
  ) throws {
    let seed = setting.scenario.parameterSeed
    if setting.claims.evalDeterminism == .pure {
      try part.reseed(seed &+ 1)
      try trial.unchanged(part.run(inputs), first, label: "another seed of a pure part")
    }
    // The trial's own call may draw nothing, or all its values may be equal.
    let claimed = part.claims(queryLength: 16, keyLength: 16).evalDeterminism
    guard claimed != .pure else { return }
    var long = setting.scenario.lengths
    long[.queryLength] = 16
    let call = try setting.call(of: part, long)
    switch claimed {
    case .pure: break
    case .seeded:
      try trial.renewed(effects[0]) { step in
        try part.reseed(seed &+ step)
        return try part.run(call)
      }
      try trial.renewed(effects[1]) { step in
        try setting.part(
          in: setting.scenario.config, settled: false, reseeds: false, seed: seed &+ step
        ).run(call)
      }
      try part.reseed(seed)
      try trial.unchanged(part.run(inputs), first, label: "the first seed again")
    case .redraws(let calls):
      try part.reseed(seed)
      let output = try part.run(call)
      for _ in 1..<max(calls, 1) {
        try trial.unchanged(part.run(call), output, label: "before the draws are renewed")
      }
      try trial.renewed(effects[2]) { $0 == 0 ? output : try part.run(call) }
      try part.reseed(seed)
      try trial.unchanged(part.run(call), output, label: "the first seed again")
    }
  }
}

extension Trial {
  /// Counts whether draws have an effect: few of them may coincide, and some options leave no choice.
  fileprivate mutating func renewed(
    _ label: String, _ output: (UInt64) throws -> Tensor
  ) throws {
    let first = try output(0)
    let isRenewed = try (UInt64(1)...8).contains {
      try !compare(output($0), first, .bits).isEqual
    }
    classify(label, isRenewed)
  }
}
