extension Oracle {
  /// A mixture of experts: y_t = Σ_e w_te expert_e(x_t).
  ///
  /// [Lepikhin et al., 2020](https://arxiv.org/abs/2006.16668), algorithm 1, with tokens in the order of
  /// positions and, within one, of items. With the gate `top_2`, e₁ is the expert with the largest of
  /// the logits W_g x, and e₂ that with the largest of the others, after noise is added; the first of
  /// equals is chosen. An expert serves c = ⌈2n/X⌉ of n tokens: those that chose it first, in order, then
  /// the others in order. w are the softmax of the logits at the choices that are served, divided by
  /// their sum or 2⁻²³ if that is larger. With `round_robin`, token t has the expert t mod X with weight 1.
  ///
  /// - Options: `gate`; `number_of_experts`; `expert`, a group with `name` and the options of that
  ///   definition.
  /// - Inputs: `inputs` `[B, S, E]`.
  /// - Parameters: `gate` `[X, E]`, unless experts take turns; those of expert e under `experts.e.`.
  /// - State: optional `noise` `[n, X]`.
  public static let mixtureOfExperts = Oracle(
    name: "mixture_of_experts", file: "Sources/Oracles/MixtureOfExperts.swift"
  ) { call in
    let experts = try call.integer("number_of_experts")
    try call.require(
      experts >= 1, "option `number_of_experts`", "at least 1", got: "\(experts)")
    let x = try call.input("inputs")
    try call.require(x.rank == 3, "input `inputs`", "[B, S, E]", got: "\(x.shape)")
    let (items, length, width) = (x.shape[0], x.shape[1], x.shape[2])
    let count = items * length
    var tokens = Values.zeros([1, count, width])
    for b in 0..<items {
      for s in 0..<length {
        for e in 0..<width { tokens[0, s * items + b, e] = x[b, s, e] }
      }
    }
    let weights: Values
    switch try call.textIfPresent("gate") {
    case "top_2": weights = try topTwo(tokens, experts, call)
    case "round_robin":
      var turns = Values.zeros([count, experts])
      for t in 0..<count { turns[t, t % experts] = 1 }
      weights = turns
    case let other:
      throw OracleError(
        oracle: call.oracle, "option `gate`", expected: "top_2 or round_robin",
        got: other.map { "`\($0)`" } ?? "nothing")
    }

    var output: Values?
    for expert in 0..<experts {
      let own = try answer(expert, tokens, call)
      let outputWidth = own.shape[2]
      var sum = output ?? .zeros([items, length, outputWidth])
      for t in 0..<count where weights[t, expert] != 0 {
        for o in 0..<outputWidth {
          sum[t % items, t / items, o] += weights[t, expert] * own[0, t, o]
        }
      }
      output = sum
    }
    return output ?? x
  }

  /// The weights of two experts in each token, `[n, X]`.
  private static func topTwo(_ tokens: Values, _ experts: Int, _ call: OracleCall) throws -> Values
  {
    let gate = try call.parameter("gate")
    let (count, width) = (tokens.shape[1], tokens.shape[2])
    try call.require(
      gate.shape == [experts, width], "parameter `gate`", "[\(experts), \(width)]",
      got: "\(gate.shape)")
    let noise = call.state["noise"]
    if let noise {
      try call.require(
        noise.shape == [count, experts], "state `noise`", "[\(count), \(experts)]",
        got: "\(noise.shape)")
    }
    var shares: [[Double]] = []
    var choices: [[Int]] = []
    for t in 0..<count {
      var logits = [Double](repeating: 0, count: experts)
      for expert in 0..<experts {
        for e in 0..<width { logits[expert] += gate[expert, e] * tokens[0, t, e] }
      }
      var first = 0
      for expert in 0..<experts where logits[expert] > logits[first] { first = expert }
      var second: Int?
      func noisy(_ expert: Int) -> Double { logits[expert] + (noise?[t, expert] ?? 0) }
      for expert in 0..<experts where expert != first {
        guard let best = second else {
          second = expert
          continue
        }
        if noisy(expert) > noisy(best) { second = expert }
      }
      let powers = logits.map { exponential($0 - logits[first]) }
      let total = powers.reduce(0, +)
      shares.append(powers.map { $0 / total })
      choices.append([first] + (second.map { [$0] } ?? []))
    }
    // ⌈2n/X⌉.
    let capacity = (2 * count + experts - 1) / experts
    var queues = [Int](repeating: 0, count: experts)
    var weights = Values.zeros([count, experts])
    for rank in 0..<2 {
      for t in 0..<count where rank < choices[t].count {
        let expert = choices[t][rank]
        if queues[expert] < capacity { weights[t, expert] = shares[t][expert] }
        queues[expert] += 1
      }
    }
    for t in 0..<count {
      var sum = 0.0
      for expert in 0..<experts { sum += weights[t, expert] }
      for expert in 0..<experts { weights[t, expert] /= max(sum, 0x1p-23) }
    }
    return weights
  }

  /// What one expert makes of all tokens.
  private static func answer(_ expert: Int, _ tokens: Values, _ outer: OracleCall) throws -> Values
  {
    let group = try outer.group("expert")
    guard case .text(let name)? = group["name"] else {
      throw OracleError(
        oracle: outer.oracle, "option `expert.name`", expected: "the name of a feedforward",
        got: group["name"]?.description ?? "nothing")
    }
    let prefix = "experts.\(expert)."
    var call = OracleCall(options: group, inputs: ["inputs": tokens])
    call.others = outer.others
    for (key, value) in outer.parameters where key.hasPrefix(prefix) {
      call.parameters[String(key.dropFirst(prefix.count))] = value
    }
    return try Oracles.feedforward(name, others: outer.others, in: outer.oracle).evaluate(call)
  }
}
