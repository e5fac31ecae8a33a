extension Oracle {
  /// A feedforward with a gate: y = W₃ (act(W₁ x + b₁) ⊙ (W₂ x + b₂)) + b₃, token by token.
  ///
  /// [Shazeer, 2020](https://arxiv.org/abs/2002.05202), section 2.
  ///
  /// The width between the layers is `hidden_dim` or, if that is null, the least multiple of
  /// `multiple_of` from 8E/3 on.
  ///
  /// - Options: `activation`: `silu` x/(1 + e⁻ˣ), `gelu` or `relu`; `hidden_dim`; `multiple_of` (8).
  /// - Inputs: `inputs` `[…, E]`.
  /// - Parameters: `w1`, `w2` `[h, E]`, `w3` `[O, h]`, optional `b1`, `b2` `[h]`, `b3` `[O]`.
  public static let gatedLinearUnit = Oracle(
    name: "gated_linear_unit", file: "Sources/Oracles/GatedLinearUnit.swift",
    supportingFiles: ["Sources/Oracles/Activation.swift"]
  ) { call in
    try call.allowOnly(
      options: [
        "activation", "name", "dropout", "dim_model", "hidden_dim", "multiple_of", "bias",
        "seq_len",
      ],
      inputs: ["inputs"], parameters: ["w1", "b1", "w2", "b2", "w3", "b3"])
    let gate = try gate(call)
    let inputs = try call.input("inputs")
    try call.require(inputs.rank >= 1, "input `inputs`", "at least one axis", got: "a scalar")
    let front = inputs.shape.dropLast()
    let x = inputs.reshaped([front.reduce(1, *), inputs.shape[inputs.rank - 1]])
    let multiple = try call.integer("multiple_of", default: 8)
    try call.require(multiple >= 1, "option `multiple_of`", "at least 1", got: "\(multiple)")
    var width = 0
    while 3 * width < 8 * x.shape[1] { width += multiple }
    width = try call.integer("hidden_dim", default: width)
    let hidden = try layer("1", x, outputs: width, call)
    var product = try layer("2", x, outputs: width, call)
    for index in product.values.indices { product.values[index] *= gate(hidden.values[index]) }
    let output = try layer("3", product, outputs: nil, call)
    return output.reshaped(Array(front) + [output.shape[1]])
  }

  private static func gate(_ call: OracleCall) throws -> (Double) -> Double {
    switch try call.textIfPresent("activation") {
    case "silu": return { $0 / (1 + exponential(-$0)) }
    case "gelu": return ActivationFunction.gelu.callAsFunction
    case "relu": return ActivationFunction.relu.callAsFunction
    case let other:
      throw OracleError(
        oracle: call.oracle, "option `activation`", expected: "silu, gelu or relu",
        got: other.map { "`\($0)`" } ?? "nothing")
    }
  }

  /// `[tokens, inputs]` → `[tokens, outputs]`.
  private static func layer(
    _ number: String, _ x: Values, outputs: Int?, _ call: OracleCall
  ) throws -> Values {
    let weight = try call.parameter("w\(number)")
    let (tokens, width) = (x.shape[0], x.shape[1])
    try call.require(
      weight.rank == 2 && weight.shape[1] == width && weight.shape[0] == outputs ?? weight.shape[0],
      "parameter `w\(number)`", "[\(outputs.map(String.init) ?? "·"), \(width)]",
      got: "\(weight.shape)")
    let bias = call.parameters["b\(number)"]
    if let bias {
      try call.require(
        bias.shape == [weight.shape[0]], "parameter `b\(number)`", "[\(weight.shape[0])]",
        got: "\(bias.shape)")
    }
    var output = Values.zeros([tokens, weight.shape[0]])
    for t in 0..<tokens {
      for o in 0..<weight.shape[0] {
        var sum = bias?[o] ?? 0
        for e in 0..<width { sum += weight[o, e] * x[t, e] }
        output[t, o] = sum
      }
    }
    return output
  }
}
