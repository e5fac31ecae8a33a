extension OracleCall {
  /// Tokens `x` less their mean, or as they are, over the root of their mean square plus ε, which the
  /// option `eps` may replace; times `weight`, and plus `bias` where the mean is removed.
  func normalized(epsilon: Double, centred: Bool) throws -> Values {
    let roles = centred ? ["weight", "bias"] : ["weight"]
    try allowOnly(options: ["name", "dim_model", "eps"], inputs: ["x"], parameters: roles)
    let x = try input("x")
    let width = x.shape.last ?? 0
    try require(width >= 1, "input `x`", "[…, E], E at least 1", got: "\(x.shape)")
    for role in roles {
      let shape = try parameter(role).shape
      try require(shape == [width], "parameter `\(role)`", "[\(width)]", got: "\(shape)")
    }
    let (weight, bias) = (try parameter("weight"), parameters["bias"])
    let epsilon = try numberIfPresent("eps") ?? epsilon

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
