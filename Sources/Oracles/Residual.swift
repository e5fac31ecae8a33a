extension Oracle {
  /// A residual around a sublayer f: x + λ ⊙ f(norm(x)), norm(x + λ ⊙ f(x)) or norm(α·x + λ ⊙ f(x)).
  ///
  /// α as in [Wang et al., 2022](https://arxiv.org/abs/2203.00555), table 1, with N encoder and M decoder
  /// layers: (2N)^¼ in encoders alone, (2M)^¼ in decoders alone, and in models of both 0.81·(N⁴·M)^¹⁄₁₆ in
  /// the encoder and (3M)^¼ in the decoder.
  ///
  /// - Options: `style`, one of `pre`, `post`, `deepnorm`; `encoder_layers` and `decoder_layers` (0);
  ///   `block_type`, `encoder` or `decoder`, by default the encoder if it has layers; `norm` and
  ///   `sublayer`, groups with `name` and the options of that definition. The sublayer may be `linear`.
  /// - Inputs: `x` `[B, S, E]`.
  /// - Parameters: those of the groups under `norm.` and `sublayer.`; `scale` `[E]`, λ, 1 if absent.
  public static let residual = Oracle(
    name: "residual", file: "Sources/Oracles/Residual.swift",
    supportingFiles: ["Sources/Oracles/Normalization.swift"]
  ) { call in
    try call.residual([call.input("x")]) { inputs in
      let (name, inner) = try call.inner("sublayer")
      var own = inner
      if name == "linear" { return try own.linear(inputs[0]) }
      own.inputs = ["inputs": inputs[0]]
      return try Oracles.feedforward(name, others: call.others, in: call.oracle).evaluate(own)
    }
  }
}

extension OracleCall {
  /// What the options of a residual make of inputs, with another definition of its sublayer.
  func residual(_ inputs: [Values], sublayer: ([Values]) throws -> Values) throws -> Values {
    func norm(_ x: Values) throws -> Values {
      let (name, inner) = try inner("norm")
      var own = inner
      own.inputs = ["x": x]
      return try Oracles.named(name).evaluate(own)
    }
    func branch(_ inputs: [Values]) throws -> Values {
      var output = try sublayer(inputs)
      guard let scale = parameters["scale"]?.values else { return output }
      for index in output.values.indices { output.values[index] *= scale[index % scale.count] }
      return output
    }
    func sum(_ b: Values, weight: Double) -> Values {
      let a = inputs[0]
      return Values(shape: a.shape, values: zip(a.values, b.values).map { weight * $0 + $1 })
    }
    switch try textIfPresent("style") {
    case "pre": return try sum(branch(inputs.map(norm)), weight: 1)
    case "post": return try norm(sum(branch(inputs), weight: 1))
    case "deepnorm": return try norm(sum(branch(inputs), weight: deepNormWeight()))
    case let other:
      throw OracleError(
        oracle: oracle, "option `style`", expected: "pre, post or deepnorm",
        got: other.map { "`\($0)`" } ?? "nothing")
    }
  }

  /// W·x + b for each row.
  func linear(_ x: Values) throws -> Values {
    let weight = try parameter("weight")
    let bias = try parameter("bias")
    let (outputs, width) = (weight.shape[0], weight.shape[1])
    let rows = x.reshaped([x.values.count / width, width])
    var output = Values.zeros([rows.shape[0], outputs])
    for r in 0..<rows.shape[0] {
      for o in 0..<outputs {
        output[r, o] = bias[o]
        for e in 0..<width { output[r, o] += weight[o, e] * rows[r, e] }
      }
    }
    return output.reshaped(Array(x.shape.dropLast()) + [outputs])
  }

  /// The definition that a group of options names, and what it is called with besides inputs.
  fileprivate func inner(_ key: String) throws -> (name: String, call: OracleCall) {
    let group = try group(key)
    guard case .text(let name)? = group["name"] else {
      throw OracleError(
        oracle: oracle, "option `\(key).name`", expected: "the name of a definition",
        got: group["name"]?.description ?? "nothing")
    }
    var call = OracleCall(options: group)
    call.others = others
    let prefix = "\(key)."
    for (name, value) in parameters where name.hasPrefix(prefix) {
      call.parameters[String(name.dropFirst(prefix.count))] = value
    }
    call.state = state
    return (name, call)
  }

  /// α.
  fileprivate func deepNormWeight() throws -> Double {
    let n = Double(try integer("encoder_layers", default: 0))
    let m = Double(try integer("decoder_layers", default: 0))
    let isEncoder = try textIfPresent("block_type").map { $0 == "encoder" } ?? (n > 0)
    guard n > 0, m > 0 else { return power(2 * (isEncoder ? n : m), 1 / 4) }
    return isEncoder ? 0.81 * power(n * n * n * n * m, 1 / 16) : power(3 * m, 1 / 4)
  }
}
