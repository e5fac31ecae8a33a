extension Oracle {
  /// Pooling: y = mean of x over the cells of a window that are on the grid − x.
  ///
  /// [Yu et al., 2021](https://arxiv.org/abs/2111.11418), algorithm 1. The tokens are the cells of a
  /// square grid, row by row; the window of p × p cells is centred on the token. Keys and values are
  /// not used.
  ///
  /// - Options: `pool_size` (3), p, odd; `stride` and `padding`, which must be 1 and half of p if given.
  /// - Inputs: `q`, `k`, `v` `[B, L, E]`, L a square.
  public static let pooling = Oracle(
    name: "pooling", file: "Sources/Oracles/Pooling.swift",
    supportingFiles: ["Sources/Oracles/AttentionInputs.swift", "Sources/Oracles/TokenGrid.swift"],
    exactArithmetic: true
  ) { call in
    try call.allowOnly(
      options: ["pool_size", "stride", "padding"] + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v"])
    let inputs = try AttentionInputs(call)
    let side = try inputs.gridSide(call)
    let size = try call.integer("pool_size", default: 3)
    try call.require(
      size >= 1 && size % 2 == 1, "option `pool_size`", "an odd number", got: "\(size)")
    let stride = try call.integer("stride", default: 1)
    try call.require(stride == 1, "option `stride`", "1", got: "\(stride)")
    let padding = try call.integer("padding", default: size / 2)
    try call.require(
      padding == size / 2, "option `padding`", "\(size / 2), half of `pool_size`", got: "\(padding)"
    )
    let x = inputs.q

    var output = Values.zeros(x.shape)
    for n in 0..<inputs.items {
      for row in 0..<side {
        for column in 0..<side {
          for c in 0..<inputs.width {
            var (sum, count) = (0.0, 0.0)
            for y in 0..<side where abs(y - row) <= size / 2 {
              for z in 0..<side where abs(z - column) <= size / 2 {
                sum += x[n, y * side + z, c]
                count += 1
              }
            }
            let token = row * side + column
            output[n, token, c] = sum / count - x[n, token, c]
          }
        }
      }
    }
    return output
  }
}
