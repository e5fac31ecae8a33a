extension Oracle {
  /// y = (x − μ) / √(σ² + ε) ⊙ weight + bias, token by token, σ² the mean of (x − μ)².
  ///
  /// [Ba et al., 2016](https://arxiv.org/abs/1607.06450).
  ///
  /// - Options: `eps` (1e-5).
  /// - Inputs: `x` `[…, E]`.
  /// - Parameters: `weight` and `bias` `[E]`.
  public static let layerNorm = normalization("layernorm", epsilon: 1e-5, centred: true)

  /// y = x / √(mean of x² + ε) ⊙ weight, token by token.
  ///
  /// [Zhang and Sennrich, 2019](https://arxiv.org/abs/1910.07467), section 4.
  ///
  /// - Options: `eps` (1e-6).
  /// - Inputs: `x` `[…, E]`.
  /// - Parameters: `weight` `[E]`.
  public static let rmsNorm = normalization("rmsnorm", epsilon: 1e-6, centred: false)

  /// y = x.
  ///
  /// - Inputs: `x`.
  public static let identity = Oracle(
    name: "identity", file: "Sources/Oracles/Normalization.swift", exactArithmetic: true
  ) { call in
    try call.allowOnly(options: ["name", "dim_model"], inputs: ["x"])
    return try call.input("x")
  }

  private static func normalization(_ name: String, epsilon: Double, centred: Bool) -> Oracle {
    Oracle(name: name, file: "Sources/Oracles/Normalization.swift", exactArithmetic: true) { call in
      let roles = centred ? ["weight", "bias"] : ["weight"]
      try call.allowOnly(options: ["name", "dim_model", "eps"], inputs: ["x"], parameters: roles)
      let x = try call.input("x")
      let width = x.shape.last ?? 0
      try call.require(width >= 1, "input `x`", "[…, E], E at least 1", got: "\(x.shape)")
      for role in roles {
        let shape = try call.parameter(role).shape
        try call.require(shape == [width], "parameter `\(role)`", "[\(width)]", got: "\(shape)")
      }
      let (weight, bias) = (try call.parameter("weight"), call.parameters["bias"])
      let epsilon = try call.numberIfPresent("eps") ?? epsilon

      let tokens = x.reshaped([x.values.count / width, width])
      var output = tokens
      for t in 0..<tokens.shape[0] {
        var mean = 0.0
        if centred {
          for e in 0..<width { mean += tokens[t, e] }
          mean /= Double(width)
        }
        var square = 0.0
        for e in 0..<width { square += (tokens[t, e] - mean) * (tokens[t, e] - mean) }
        let deviation = (square / Double(width) + epsilon).squareRoot()
        for e in 0..<width {
          output[t, e] = (tokens[t, e] - mean) / deviation * weight[e] + (bias?[e] ?? 0)
        }
      }
      return output.reshaped(x.shape)
    }
  }
}
