internal import Catalogue
internal import Foundation
internal import JSON
internal import Parts
internal import Properties
internal import Torch

/// A mixture, and a gate that chooses among several experts.
private let gated: [Need] = [
  .definition("mixture_of_experts"),
  .option("no choice", "gate") { $0?.string == "top_2" },
  .option("one expert", "number_of_experts") { $0?.int ?? 1 > 1 },
]

/// The logistic function of 1, the weight of an expert whose logit is 1 above the other's.
private let weightAtOne = 0.731058578630005

extension Law {
  /// F09: with logits 1 and 0, and less for all others, two experts have the weights .73105858 and
  /// .26894142, and the derivative by the first logit is .19661193 times their difference; of equal
  /// experts the first two are chosen, with the weight ½.
  static let moeDefinition = Law(
    .moeDefinition, trials: 16, witness: "weightsNotDivided", needs: gated,
    plan: ScenarioPlan(fills: .small) { draft in
      [.number("first", below: 12), .number("second", below: 12)]
    }
  ) { setting, trial in
    let problem = try ExpertProblem(setting)
    let first = try setting.number("first") % problem.count
    let second = try (first + 1 + setting.number("second") % (problem.count - 1)) % problem.count
    let token = try problem.tokens(1, 1) { _, channel in channel == 0 ? 1 : 0.5 }
    func mixed(_ a: Int, _ b: Int, _ weight: Double) throws -> Tensor {
      try problem.output(of: a, token) * weight + problem.output(of: b, token) * (1 - weight)
    }
    let logits = (0..<problem.count).map { $0 == first ? 1.0 : $0 == second ? 0 : -6 }
    try problem.setGate([0: logits])
    let output = try problem.part.run(["inputs": token])
    try trial.equal(
      output, mixed(first, second, weightAtOne), .exact(), label: "logits 1 and 0")
    let key = try setting.key(of: "gate")
    let leaf = problem.part.parameters.first { $0.key == key }?.value
    let cotangent = try Tensor.ones(output.shape, .float64)
    let derivative = try leaf.flatMap { try output.gradients(of: [$0], cotangent: cotangent)[0] }
    let difference = try (problem.output(of: first, token) - problem.output(of: second, token))
      .sum()
    try trial.equal(
      (derivative ?? Tensor.zeros([problem.count, problem.width], .float64))
        .index(-1, 0).index(-1, first),
      difference * (weightAtOne * (1 - weightAtOne)), .exact(), label: "the derivative by a logit")
    try problem.setGate([:])
    try trial.equal(
      problem.part.run(["inputs": token]), mixed(0, 1, 0.5), .exact(), label: "equal logits")
  }

  /// F10: where all experts have the same values, a token that is served gets what one of them gives.
  static let identicalExperts = Law(
    .identicalExperts, trials: 16, witness: "weightsNotDivided",
    needs: [.definition("mixture_of_experts")], plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let problem = try ExpertProblem(setting)
    let state = problem.part.stateDict
    var same: [String: Tensor] = [:]
    for expert in 1..<max(problem.count, 2) {
      for (role, key) in problem.keys(of: expert) {
        same[key] = try problem.keys(of: 0)[role].map { try state.tensor($0).detached() }
      }
    }
    try problem.part.load(same, strict: false)
    let tokens = try setting.inputs().tensor("inputs")
    // A token alone has room.
    for token in 0..<tokens.size(1) {
      let alone = try tokens.slice(0, 0..<1).slice(1, token..<token + 1)
      try trial.equal(
        problem.part.run(["inputs": alone]), problem.output(of: 0, alone), .exact(),
        label: "equal experts")
    }
  }

  /// F11: the order of experts and their logits does not matter; experts that take turns serve the
  /// tokens of a position, item by item, and then those of the next one. An expert whose values are
  /// infinite spoils only the tokens that it serves.
  static let expertPermutation = Law(
    .expertPermutation, trials: 16, witness: "turnsByItem",
    needs: [.definition("mixture_of_experts")],
    plan: ScenarioPlan(fills: .small) { draft in
      let count = draft.part.claims.definition?.options["number_of_experts"]?.int ?? 1
      return [.order("experts", of: count), .number("wild", below: count)]
    }
  ) { setting, trial in
    let problem = try ExpertProblem(setting)
    let inputs = try setting.inputs()
    let output = try problem.part.run(inputs)
    if problem.hasGate {
      try trial.assume(!setting.subject.naives.hasTies(problem.part, inputs))
    } else {
      let tokens = try inputs.tensor("inputs")
      for item in 0..<tokens.size(0) {
        for position in 0..<tokens.size(1) {
          func row(_ x: Tensor) throws -> Tensor {
            try x.slice(0, item..<item + 1).slice(1, position..<position + 1)
          }
          let expert = (position * tokens.size(0) + item) % problem.count
          try trial.equal(
            row(output), problem.output(of: expert, row(tokens)), .exact(), label: "a token's turn")
        }
      }
    }
    try expectApart(problem, setting.number("wild"), &trial)
    guard problem.hasGate else { return }
    let order = try setting.order("experts")
    let state = problem.part.stateDict
    let key = try setting.key(of: "gate")
    var moved = [key: try state.tensor(key).detached().picked(0, order)]
    for (place, expert) in order.enumerated() {
      for (role, key) in problem.keys(of: expert) {
        guard let other = problem.keys(of: place)[role] else { continue }
        moved[other] = try state.tensor(key).detached()
      }
    }
    try problem.part.load(moved, strict: false)
    try trial.equal(problem.part.run(inputs), output, .exact(), label: "experts in another order")
  }

  /// Checks that tokens that do not move with the values of an expert do not meet infinite ones either.
  private static func expectApart(
    _ problem: ExpertProblem, _ expert: Int, _ trial: inout Trial
  ) throws {
    // No expert need move a token of zeros.
    let inputs = [
      "inputs": try problem.tokens(2, 4) { Double(($0 * 7 + $1 * 3) % 5) - 1.5 }
    ]
    let output = try problem.part.run(inputs).detached()
    let own = try problem.keys(of: expert).values.map { key in
      (key, try problem.part.stateDict.tensor(key).detached().clone())
    }
    func rows(_ value: (Tensor) throws -> Tensor) throws -> Tensor {
      try problem.part.load(
        Dictionary(uniqueKeysWithValues: own.map { ($0, try value($1)) }), strict: false)
      return try problem.part.run(inputs).detached()
    }
    // Large enough to show beside any weight, with the other sign for units that are off.
    let moved = try rows { try $0 * -1e30 }
    let isServed = try (.!moved.equals(output)).any(-1, keep: true)
    let wild = try rows { try Tensor.full($0.shape, .infinity, $0.dtype) }
    _ = try rows { $0 }
    try trial.unchanged(
      wild.filled(0, where: isServed), output.filled(0, where: isServed),
      label: "tokens beside an infinite expert")
  }

  /// F12: eight tokens choose the first two experts, in either order; each expert serves ⌈16/X⌉ of
  /// them, first choices before second ones and then by position and item; a token that no expert
  /// serves gets 0.
  static let capacity = Law(
    .capacity, trials: 16, witness: "secondsBeforeFirsts", needs: gated,
    plan: ScenarioPlan(fills: .small) { draft in [.mask("prefers the second", [8])] }
  ) { setting, trial in
    let problem = try ExpertProblem(setting)
    let (items, length) = (2, 4)
    // By position and then by item.
    let drawn = try setting.extra("prefers the second").booleans()
    // Where all agree, first choices alone exceed the capacity.
    for prefersSecond in [drawn, drawn.map { _ in false }] {
      func turn(_ token: Int) -> Int { token % length * items + token / length }
      let others = Array(repeating: 0.0, count: problem.count - 2)
      try problem.setGate([
        0: [0.5, -0.5] + others, 1: [0, 0] + others.map { _ in -9 },
      ])
      let tokens = try problem.tokens(items, length) { token, channel in
        channel == 0 ? (prefersSecond[turn(token)] ? -1 : 1) : channel == 1 ? 1 : 0
      }
      let room = (2 * 8 + problem.count - 1) / problem.count
      var queues = [0, 0]
      var weights = Array(repeating: [0.0, 0.0], count: 8)
      for rank in 0..<2 {
        for place in 0..<8 {
          let expert = prefersSecond[place] == (rank == 0) ? 1 : 0
          if queues[expert] < room {
            weights[place][expert] = rank == 0 ? weightAtOne : 1 - weightAtOne
          }
          queues[expert] += 1
        }
      }
      var expected = try Tensor.zeros([items, length, problem.width], .float64)
      for expert in 0..<2 {
        let shares = (0..<8).map { token in
          let own = weights[turn(token)]
          return own[expert] == 0 ? 0 : own[expert] / (own[0] + own[1])
        }
        expected =
          try expected
          + problem.output(of: expert, tokens) * Tensor(shares, shape: [items, length, 1])
      }
      try trial.equal(
        problem.part.run(["inputs": tokens]), expected, .exact(), label: "tokens with room")
    }
  }

  /// F13: the auxiliary loss is the mean over experts of their mean share times how often they are the
  /// first choice, 1/X² for equal logits, and so is its derivative; experts that take turns have none.
  static let auxiliaryLoss = Law(
    .auxiliaryLoss, trials: 16, witness: "lossOfBothChoices",
    needs: [.definition("mixture_of_experts")], plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let problem = try ExpertProblem(setting)
    let part = problem.part
    let inputs = try setting.inputs()
    _ = try part.run(inputs)
    guard problem.hasGate else {
      let loss = try part.auxiliaryLoss(inputs)
      trial.expect(loss == nil, label: "no loss", "experts that take turns have a loss")
      return
    }
    try trial.assume(!setting.subject.naives.hasTies(part, inputs))
    let key = try setting.key(of: "gate")
    func loss() throws -> (value: Tensor, derivative: Tensor) {
      guard let loss = try part.auxiliaryLoss(inputs),
        let leaf = part.parameters.first(where: { $0.key == key })?.value
      else { throw KitError("a part with a gate has no auxiliary loss") }
      let slope = try loss.gradients(of: [leaf], cotangent: Tensor.ones([], .float64))[0]
      return (loss, try slope ?? Tensor.zeros(leaf.shape, .float64))
    }
    let gate = try part.stateDict.tensor(key).detached().clone().requireGrad()
    let tokens = try inputs.tensor("inputs").reshaped([-1, problem.width])
    let logits = try tokens.matmul(gate.transposed())
    let isFirst = try logits.detached().equals(logits.detached().maximum(-1, keep: true))
    let shares = try Elementary.softmax(logits).mean(0)
    let expected = try (shares * isFirst.to(.float64).mean(0)).sum() * (1 / Double(problem.count))
    let slope = try expected.gradients(of: [gate], cotangent: Tensor.ones([], .float64))[0]
    let found = try loss()
    try trial.equal(found.value, expected.detached(), .exact(), label: "the loss of a gate")
    try trial.equal(
      found.derivative, slope ?? Tensor.zeros(gate.shape, .float64), .exact(),
      label: "the derivative of the loss")
    try problem.setGate([:])
    try trial.equal(
      loss().value, Tensor([1 / Double(problem.count * problem.count)], shape: []), .exact(),
      label: "the loss of equal logits")
  }

  /// F15: in training each call draws Gumbel noise anew, whose distribution is exp(−exp(−x)), for each
  /// expert and token by itself, and the output is the definition with it; in evaluation it is 0, also
  /// after training. Noise that is injected is used in its place, a copy of it.
  static let gateNoise = Law(
    .gateNoise, trials: 8, witness: "noiseUniform",
    needs: gated + [.option("two experts", "number_of_experts") { $0?.int ?? 1 > 2 }],
    plan: ScenarioPlan(fills: .only(.normal), dropout: false)
  ) { setting, trial in
    let problem = try ExpertProblem(setting)
    let part = problem.part
    let many = ["inputs": try problem.tokens(8, 16) { _, _ in 1 }]
    func noise(_ inputs: [String: Tensor]) throws -> Tensor {
      _ = try part.run(inputs)
      return try part.drawn.tensor("noise").to(.float64)
    }
    let none = try Tensor.zeros([128, problem.count], .float64)
    try trial.equal(noise(many), none, .bits, label: "noise in evaluation")
    part.train()
    let numbers = try (0..<8).flatMap { _ in try noise(many).doubles() }
    for bound in [-1.0, 0, 1, 3] {
      let deviation = Deviation.binomial(
        numbers.count { $0 <= bound }, of: numbers.count, probability: exp(-exp(-bound)))
      trial.judge(
        "noise up to \(bound) among \(numbers.count), in standard deviations", abs(deviation),
        Threshold.manyDeviations, "the distribution of noise")
    }
    trial.expect(
      Set(numbers).count == numbers.count, label: "separate draws", "some noise is drawn twice")

    let inputs = try setting.inputs()
    let trained = try part.run(inputs)
    try trial.equal(
      trained, setting.expected(part, inputs), .exact(), label: "the definition with its noise")
    let drawn = try part.drawn.tensor("noise").clone()
    part.eval()
    try trial.equal(noise(inputs), drawn * 0, .bits, label: "noise after training")
    let given = try drawn.clone()
    try part.inject(["noise": given])
    try given.copy(from: given * 0)
    try trial.equal(part.run(inputs), trained, .exact(), label: "the output with injected noise")
  }
}
