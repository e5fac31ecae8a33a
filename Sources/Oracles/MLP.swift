extension Oracle {
  /// The feedforward of a transformer: y = W₂ act(W₁ x + b₁) + b₂, token by token.
  ///
  /// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762), section 3.3.
  ///
  /// - Options: `activation`, null or absent for the identity.
  /// - Inputs: `inputs` `[…, E]`.
  /// - Parameters: `w1` `[h, E]`, `w2` `[O, h]`, optional `b1` `[h]`, `b2` `[O]`.
  public static let mlp = Oracle(
    name: "mlp", file: "Sources/Oracles/MLP.swift",
    supportingFiles: ["Sources/Oracles/Activation.swift"]
  ) { call in
    try call.allowOnly(
      options: [
        "activation", "name", "dropout", "dim_model", "hidden_layer_multiplier", "bias", "seq_len",
      ],
      inputs: ["inputs"], parameters: ["w1", "b1", "w2", "b2"])
    let activation = try ActivationFunction.read(call)
    let inputs = try call.input("inputs")
    let w1 = try call.parameter("w1")
    let w2 = try call.parameter("w2")
    try call.require(inputs.rank >= 1, "input `inputs`", "at least one axis", got: "a scalar")
    let width = inputs.shape[inputs.rank - 1]
    try call.require(
      w1.rank == 2 && w1.shape[1] == width, "parameter `w1`", "[h, \(width)]", got: "\(w1.shape)")
    let hidden = w1.shape[0]
    try call.require(
      w2.rank == 2 && w2.shape[1] == hidden, "parameter `w2`", "[O, \(hidden)]", got: "\(w2.shape)")
    let outputWidth = w2.shape[0]
    let b1 = call.parameters["b1"]
    let b2 = call.parameters["b2"]
    if let b1 {
      try call.require(b1.shape == [hidden], "parameter `b1`", "[\(hidden)]", got: "\(b1.shape)")
    }
    if let b2 {
      try call.require(
        b2.shape == [outputWidth], "parameter `b2`", "[\(outputWidth)]", got: "\(b2.shape)")
    }

    let tokens = inputs.shape.dropLast().reduce(1, *)
    let x = inputs.reshaped([tokens, width])
    var output = Values.zeros([tokens, outputWidth])
    for t in 0..<tokens {
      var activated = [Double](repeating: 0, count: hidden)
      for a in 0..<hidden {
        var sum = b1?[a] ?? 0
        for e in 0..<width { sum += w1[a, e] * x[t, e] }
        activated[a] = activation?(sum) ?? sum
      }
      for o in 0..<outputWidth {
        var sum = b2?[o] ?? 0
        for a in 0..<hidden { sum += w2[o, a] * activated[a] }
        output[t, o] = sum
      }
    }
    return output.reshaped(Array(inputs.shape.dropLast()) + [outputWidth])
  }
}
