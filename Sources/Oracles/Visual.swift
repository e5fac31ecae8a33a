extension Oracle {
  /// Visual attention: y = x + W_o (u ⊙ (W_g z + b_g)) + b_o with u = GELU(W_i x + b_i) and z = wide(near(u)).
  ///
  /// [Guo et al., 2022](https://arxiv.org/abs/2202.09741), section 3.1. The tokens are the cells of a
  /// square grid, row by row. near convolves each channel by itself with 5 × 5 taps, wide with 7 × 7 taps
  /// that are three cells apart, both padded with zeros; W act on the channels of one token. Keys and
  /// values are not used.
  ///
  /// - Inputs: `q`, `k`, `v` `[B, L, E]`, L a square.
  /// - Parameters: `input_weight`, `gate_weight`, `output_weight` `[E, E, 1, 1]`, `near_weight`
  ///   `[E, 1, 5, 5]`, `wide_weight` `[E, 1, 7, 7]`, and for each a `_bias` `[E]`.
  public static let visual = Oracle(
    name: "visual", file: "Sources/Oracles/Visual.swift",
    supportingFiles: [
      "Sources/Oracles/Activation.swift", "Sources/Oracles/AttentionInputs.swift",
      "Sources/Oracles/TokenGrid.swift",
    ]
  ) { call in
    let layers = ["input", "near", "wide", "gate", "output"]
    try call.allowOnly(
      options: AttentionInputs.inertOptions, inputs: ["q", "k", "v"],
      parameters: layers.flatMap { ["\($0)_weight", "\($0)_bias"] })
    let inputs = try AttentionInputs(call)
    let grid = Grid(side: try inputs.gridSide(call), width: inputs.width)
    let input = try call.gridLayer("input", [grid.width, grid.width, 1, 1])
    let near = try call.gridLayer("near", [grid.width, 1, 5, 5])
    let wide = try call.gridLayer("wide", [grid.width, 1, 7, 7])
    let gate = try call.gridLayer("gate", [grid.width, grid.width, 1, 1])
    let last = try call.gridLayer("output", [grid.width, grid.width, 1, 1])

    var output = inputs.q
    for n in 0..<inputs.items {
      var x = Values.zeros([grid.cells, grid.width])
      for t in 0..<grid.cells {
        for c in 0..<grid.width { x[t, c] = inputs.q[n, t, c] }
      }
      var u = grid.mixed(x, input)
      for index in u.values.indices { u.values[index] = ActivationFunction.gelu(u.values[index]) }
      let seen = grid.convolved(grid.convolved(u, near, apart: 1), wide, apart: 3)
      let gates = grid.mixed(seen, gate)
      var gated = u
      for index in gated.values.indices { gated.values[index] *= gates.values[index] }
      let added = grid.mixed(gated, last)
      for t in 0..<grid.cells {
        for c in 0..<grid.width { output[n, t, c] += added[t, c] }
      }
    }
    return output.reshaped(inputs.outputShape)
  }
}

/// The layers on the cells of a square grid, `[L, E]`.
private struct Grid {
  let side: Int
  let width: Int

  var cells: Int { side * side }

  /// The channels of each cell mixed.
  func mixed(_ x: Values, _ layer: GridLayer) -> Values {
    var output = Values.zeros(x.shape)
    for t in 0..<cells {
      for o in 0..<width {
        var sum = layer.bias[o]
        for c in 0..<width { sum += layer.weight[o, c, 0, 0] * x[t, c] }
        output[t, o] = sum
      }
    }
    return output
  }

  /// Each channel convolved by itself, with taps some cells apart.
  func convolved(_ x: Values, _ layer: GridLayer, apart: Int) -> Values {
    let taps = layer.weight.shape[2]
    var output = Values.zeros(x.shape)
    for row in 0..<side {
      for column in 0..<side {
        for c in 0..<width {
          var sum = layer.bias[c]
          for i in 0..<taps {
            for j in 0..<taps {
              let y = row + (i - taps / 2) * apart
              let z = column + (j - taps / 2) * apart
              guard y >= 0, y < side, z >= 0, z < side else { continue }
              sum += layer.weight[c, 0, i, j] * x[y * side + z, c]
            }
          }
          output[row * side + column, c] = sum
        }
      }
    }
    return output
  }
}
