extension Oracle {
  /// Softmax of each of L groups of channels divided by a temperature, token by token.
  ///
  /// [Lavoie et al., 2022](https://arxiv.org/abs/2204.00616), equation 1.
  ///
  /// - Options: `L`, `temperature` (1).
  /// - Inputs: `x` `[…, E]`, E a multiple of L.
  public static let simplicial = Oracle(
    name: "simplicial", file: "Sources/Oracles/Simplicial.swift",
    supportingFiles: ["Sources/Oracles/Mathematics.swift"]
  ) { call in
    try call.allowOnly(options: ["name", "L", "temperature"], inputs: ["x"])
    let x = try call.input("x")
    let count = try call.integer("L")
    let temperature = try call.numberIfPresent("temperature") ?? 1
    try call.require(
      count >= 1 && !x.shape.isEmpty && (x.shape.last ?? 0) % count == 0, "input `x`",
      "a width that is a multiple of L = \(count)", got: "\(x.shape)")
    let width = (x.shape.last ?? 0) / count
    try call.require(width >= 1, "input `x`", "channels", got: "\(x.shape)")

    let groups = x.reshaped([x.values.count / width, width])
    var output = groups
    for g in 0..<groups.shape[0] {
      var largest = groups[g, 0]
      for e in 0..<width { largest = max(largest, groups[g, e]) }
      var sum = 0.0
      for e in 0..<width {
        output[g, e] = exponential((groups[g, e] - largest) / temperature)
        sum += output[g, e]
      }
      for e in 0..<width { output[g, e] /= sum }
    }
    return output.reshaped(x.shape)
  }
}
