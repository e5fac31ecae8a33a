extension Oracle {
  /// Reversible blocks of the halves (x₁, x₂) of each token's channels: x₁ ← x₁ + f(x₂), then
  /// x₂ ← x₂ + g(x₁).
  ///
  /// [Gomez et al., 2017](https://arxiv.org/abs/1707.04585), equation 6, and
  /// [Kitaev et al., 2020](https://arxiv.org/abs/2001.04451), equation 9.
  ///
  /// - Options: `blocks`, their number; `f` and `g`, groups with `name` and the options of that definition.
  ///   The name `linear` is a linear layer followed by an `activation` or null.
  /// - Inputs: `x` `[…, 2·E]`.
  /// - Parameters: those of the groups under `f.BLOCK.` and `g.BLOCK.`, of a linear layer `weight` `[E, E]`
  ///   and `bias` `[E]`.
  public static let reversible = Oracle(
    name: "reversible", file: "Sources/Oracles/Reversible.swift",
    supportingFiles: ["Sources/Oracles/Activation.swift", "Sources/Oracles/Residual.swift"]
  ) { call in
    try call.allowOnly(
      options: ["blocks", "f", "g"], inputs: ["x"], parameters: Array(call.parameters.keys),
      state: Array(call.state.keys))
    let x = try call.input("x")
    try call.require(
      x.rank >= 1 && x.shape[x.rank - 1] % 2 == 0, "input `x`", "an even number of channels",
      got: "\(x.shape)")
    let width = x.shape[x.rank - 1] / 2
    let tokens = x.values.count / (2 * width)
    let shape = Array(x.shape.dropLast()) + [width]
    var halves = [Values.zeros(shape), Values.zeros(shape)]
    for t in 0..<tokens {
      for half in 0..<2 {
        for e in 0..<width {
          halves[half].values[t * width + e] = x.values[(2 * t + half) * width + e]
        }
      }
    }
    for block in 0..<(try call.integer("blocks")) {
      for (half, name) in ["f", "g"].enumerated() {
        let added = try answer(name, of: block, halves[1 - half], call)
        for index in added.values.indices { halves[half].values[index] += added.values[index] }
      }
    }
    var output = Values.zeros(x.shape)
    for t in 0..<tokens {
      for half in 0..<2 {
        for e in 0..<width {
          output.values[(2 * t + half) * width + e] = halves[half].values[t * width + e]
        }
      }
    }
    return output
  }

  /// What a sublayer of a block makes of a half.
  private static func answer(_ name: String, of block: Int, _ x: Values, _ outer: OracleCall) throws
    -> Values
  {
    let prefix = "\(name).\(block)."
    func own(_ arrays: [String: Values]) -> [String: Values] {
      Dictionary(
        uniqueKeysWithValues: arrays.filter { $0.key.hasPrefix(prefix) }
          .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
    }
    var call = try OracleCall(
      options: outer.group(name), inputs: ["inputs": x], parameters: own(outer.parameters),
      state: own(outer.state))
    call.others = outer.others
    call.oracle = outer.oracle
    guard let definition = try call.textIfPresent("name") else {
      throw OracleError(
        oracle: outer.oracle, "option `\(name).name`", expected: "the name of a feedforward",
        got: "nothing")
    }
    guard definition == "linear" else {
      return try Oracles.feedforward(definition, others: outer.others, in: outer.oracle)
        .evaluate(call)
    }
    var output = try call.linear(x)
    if let activation = try ActivationFunction.read(call) {
      output.values = output.values.map { activation($0) }
    }
    return output
  }
}
