extension Oracle {
  /// A feedforward of convolutions: y = W_o act(near(W_i x + b_i)) + b_o on a grid of cells.
  ///
  /// [Guo et al., 2022](https://arxiv.org/abs/2202.09741). The tokens are the cells of a square grid, row
  /// by row. near convolves each channel by itself with 3 × 3 taps, padded with zeros; W act on the
  /// channels of one token.
  ///
  /// - Options: `activation` (`gelu`), null for the identity.
  /// - Inputs: `inputs` `[B, L, E]`, L a square.
  /// - Parameters: `input_weight` `[h, E, 1, 1]`, `near_weight` `[h, 1, 3, 3]`, `output_weight`
  ///   `[O, h, 1, 1]`, and for each a `_bias` of as many outputs.
  public static let convMLP = Oracle(
    name: "conv_mlp", file: "Sources/Oracles/ConvMLP.swift",
    supportingFiles: ["Sources/Oracles/Activation.swift", "Sources/Oracles/TokenGrid.swift"]
  ) { call in
    let layers = ["input", "near", "output"]
    try call.allowOnly(
      options: [
        "activation", "name", "dropout", "dim_model", "dim_model_out", "hidden_layer_multiplier",
        "seq_len",
      ],
      inputs: ["inputs"], parameters: layers.flatMap { ["\($0)_weight", "\($0)_bias"] })
    var usual = call
    if usual.options["activation"] == nil { usual.options["activation"] = "gelu" }
    let activation = try ActivationFunction.read(usual)
    let x = try call.input("inputs")
    try call.require(x.rank == 3, "input `inputs`", "[B, L, E]", got: "\(x.shape)")
    let (items, cells, width) = (x.shape[0], x.shape[1], x.shape[2])
    var side = 0
    while side * side < cells { side += 1 }
    try call.require(
      side * side == cells, "input `inputs`", "a square number of tokens", got: "\(cells)")
    let hiddenWidth = try call.parameter("near_bias").values.count
    let outputWidth = try call.parameter("output_bias").values.count
    let (inputWeight, inputBias) = try call.gridLayer("input", [hiddenWidth, width, 1, 1])
    let (nearWeight, nearBias) = try call.gridLayer("near", [hiddenWidth, 1, 3, 3])
    let (outputWeight, outputBias) = try call.gridLayer("output", [outputWidth, hiddenWidth, 1, 1])

    var output = Values.zeros([items, cells, outputWidth])
    for n in 0..<items {
      var inner = Values.zeros([cells, hiddenWidth])
      for t in 0..<cells {
        for h in 0..<hiddenWidth {
          var sum = inputBias[h]
          for e in 0..<width { sum += inputWeight[h, e, 0, 0] * x[n, t, e] }
          inner[t, h] = sum
        }
      }
      for row in 0..<side {
        for column in 0..<side {
          var active = [Double](repeating: 0, count: hiddenWidth)
          for h in 0..<hiddenWidth {
            var sum = nearBias[h]
            for i in 0..<3 {
              for j in 0..<3 {
                let (y, z) = (row + i - 1, column + j - 1)
                guard y >= 0, y < side, z >= 0, z < side else { continue }
                sum += nearWeight[h, 0, i, j] * inner[y * side + z, h]
              }
            }
            active[h] = activation?(sum) ?? sum
          }
          for o in 0..<outputWidth {
            var sum = outputBias[o]
            for h in 0..<hiddenWidth { sum += outputWeight[o, h, 0, 0] * active[h] }
            output[n, row * side + column, o] = sum
          }
        }
      }
    }
    return output
  }
}
