extension Oracle {
  /// A token for each patch of an image: y[p, o] = bias[o] + Σ weight[o, c, i, j]·x[c, r + i, s + j],
  /// where (r, s) is the corner of patch p, patches are counted row by row, and cells outside are 0.
  ///
  /// [Dosovitskiy et al., 2020](https://arxiv.org/abs/2010.11929), section 3.1.
  ///
  /// - Options: `stride`, `padding` (0).
  /// - Inputs: `x` `[B, C, Y, X]`, or `[B, L, C]`, the cells of a √L × √L image, row by row.
  /// - Parameters: `weight` `[E, C, K, K]`, `bias` `[E]`.
  public static let patchConvolution = Oracle(
    name: "patch_convolution", file: "Sources/Oracles/PatchConvolution.swift",
    exactArithmetic: true
  ) { call in
    try call.allowOnly(
      options: [
        "name", "in_channels", "out_channels", "kernel_size", "stride", "padding", "pool_type",
      ], inputs: ["x"], parameters: ["weight", "bias"])
    let (x, weight, bias) = (
      try call.input("x"), try call.parameter("weight"), try call.parameter("bias")
    )
    let stride = try call.integer("stride")
    let padding = try call.integer("padding", default: 0)
    try call.require(
      weight.rank == 4 && weight.shape[2] == weight.shape[3], "parameter `weight`", "[E, C, K, K]",
      got: "\(weight.shape)")
    let (width, channels, taps) = (weight.shape[0], weight.shape[1], weight.shape[2])
    try call.require(bias.shape == [width], "parameter `bias`", "[\(width)]", got: "\(bias.shape)")
    let isImage = x.rank == 4
    try call.require(
      isImage ? x.shape[1] == channels : x.rank == 3 && x.shape[2] == channels, "input `x`",
      "[B, L, \(channels)] or [B, \(channels), Y, X]", got: "\(x.shape)")
    var side = 0
    while !isImage && side * side < x.shape[1] { side += 1 }
    try call.require(
      isImage || side * side == x.shape[1], "input `x`", "a length that is a square",
      got: "\(x.shape)")
    let (rows, columns) = isImage ? (x.shape[2], x.shape[3]) : (side, side)
    try call.require(
      stride >= 1 && padding >= 0 && min(rows, columns) + 2 * padding >= taps, "input `x`",
      "room for \(taps) × \(taps) cells", got: "\(x.shape)")

    let down = (rows + 2 * padding - taps) / stride + 1
    let across = (columns + 2 * padding - taps) / stride + 1
    var output = Values.zeros([x.shape[0], down * across, width])
    for b in 0..<x.shape[0] {
      for p in 0..<down * across {
        let (top, left) = (p / across * stride - padding, p % across * stride - padding)
        for o in 0..<width {
          var sum = bias[o]
          for c in 0..<channels {
            for i in 0..<taps {
              for j in 0..<taps {
                let (r, s) = (top + i, left + j)
                guard r >= 0, r < rows, s >= 0, s < columns else { continue }
                sum += weight[o, c, i, j] * (isImage ? x[b, c, r, s] : x[b, r * columns + s, c])
              }
            }
          }
          output[b, p, o] = sum
        }
      }
    }
    return output
  }
}
