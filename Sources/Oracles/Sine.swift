extension Oracle {
  /// Sinusoidal positions: y = x + P, P[t, c] = sin(t ω) for even c and cos(t ω) for odd c, with
  /// ω = 10000^(−2⌊c/2⌋/E).
  ///
  /// [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762), section 3.5. Odd E is allowed.
  ///
  /// - Options: `dim_model`, E: needed for a two-dimensional input, otherwise it must agree.
  /// - Inputs: `x` `[B, S, E]`, or `[B, S]`, where each number stands for E equal ones.
  public static let sine = Oracle(name: "sine", file: "Sources/Oracles/Sine.swift") { call in
    try call.allowOnly(options: ["name", "dim_model", "seq_len", "dropout"], inputs: ["x"])
    let x = try call.input("x")
    try call.require(
      x.rank == 2 || x.rank == 3, "input `x`", "[B, S, E] or [B, S]", got: "\(x.shape)")
    let declared = try call.integerIfPresent("dim_model")
    let width = x.rank == 3 ? x.shape[2] : try call.integer("dim_model")
    try call.require(
      declared == nil || declared == width, "option `dim_model`", "\(width), the width of `x`",
      got: "\(declared ?? 0)")
    try call.require(width >= 1, "option `dim_model`", "at least 1", got: "\(width)")

    var output = Values.zeros([x.shape[0], x.shape[1], width])
    for b in 0..<x.shape[0] {
      for t in 0..<x.shape[1] {
        for c in 0..<width {
          let frequency = power(10000, -Double(2 * (c / 2)) / Double(width))
          let angle = Double(t) * frequency
          let position = c % 2 == 0 ? sineOf(angle) : cosineOf(angle)
          output[b, t, c] = (x.rank == 3 ? x[b, t, c] : x[b, t]) + position
        }
      }
    }
    return output
  }
}
