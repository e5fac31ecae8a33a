extension Oracle {
  /// A model of stacks: the layers of the encoder one after another, then those of a decoder, which
  /// also attend to what the encoder made.
  ///
  /// A layer maps its tokens x as far as it has these, in order: `patch`; `position`; `projection`,
  /// W·x + b; the residual `wrap_att` around an attention of x to x; `wrap_cross` around one of x to the
  /// memory; `wrap_ff` around a feedforward; `final_norm`; `simplicial`. A reversible encoder has two
  /// copies x₁ and x₂ of the tokens; each layer maps them by y₁ = x₁ + f(x₂), y₂ = x₂ + g(y₁), with f an
  /// attention and g a feedforward, both with a normalization before or after; the result is their mean.
  ///
  /// - Options: `encoders` and `decoders`, lists of layers. Each is a group whose keys are those
  ///   above, with groups of options as values; `projection` is true. The residuals have the options
  ///   of the definition `residual`, and as `sublayer` a `multihead` or a feedforward. `reversible`:
  ///   the first layer's `patch`, `position` and `projection` come before the copies, the last layer's
  ///   `final_norm` and `simplicial` after the mean; `f` and `g` are residuals whose sum is left out.
  /// - Inputs: `src`, and `tgt` of a decoder, by default the source.
  /// - Parameters: those of the groups, under `encoders.0.wrap_att.` and so on.
  /// - State: the draws of a sublayer, under what the option `key` of its residual says.
  public static let model = Oracle(
    name: "model", file: "Sources/Oracles/Model.swift",
    supportingFiles: ["Sources/Oracles/Residual.swift", "Sources/Oracles/Multihead.swift"]
  ) { call in
    let source = try call.input("src")
    let encoders = try call.layers("encoders")
    var memory = source
    if try call.bool("reversible", default: false) {
      memory = try encoders[0].stem(memory)
      var (first, second) = (memory, memory)
      for layer in encoders {
        first = try plus(first, layer.branch("f", [second, second, second]))
        second = try plus(second, layer.branch("g", [first]))
      }
      for index in memory.values.indices {
        memory.values[index] = (first.values[index] + second.values[index]) / 2
      }
      memory = try encoders[encoders.count - 1].tail(memory)
    } else {
      for layer in encoders { memory = try layer.map(memory, memory: nil) }
    }
    guard call.options["decoders"] ?? .none != .none else { return memory }
    var target = call.inputs["tgt"] ?? source
    for layer in try call.layers("decoders") { target = try layer.map(target, memory: memory) }
    return target
  }
}

private func plus(_ a: Values, _ b: Values) throws -> Values {
  Values(shape: a.shape, values: zip(a.values, b.values).map { $0 + $1 })
}

extension OracleCall {
  /// The layers in a list, each with its own parameters.
  fileprivate func layers(_ key: String) throws -> [OracleCall] {
    try list(key).enumerated().map { number, option in
      guard case .group(let group) = option else {
        throw wrongOption("\(key).\(number)", "a group of options", option)
      }
      return nested(group, under: "\(key).\(number).")
    }
  }

  /// The call of a definition inside, with the parameters whose names have a prefix.
  private func nested(_ options: [String: OracleOption], under prefix: String) -> OracleCall {
    var call = OracleCall(options: options, state: state)
    call.others = others
    call.oracle = oracle
    for (name, value) in parameters where name.hasPrefix(prefix) {
      call.parameters[String(name.dropFirst(prefix.count))] = value
    }
    return call
  }

  private func has(_ key: String) -> Bool { options[key] ?? .none != .none }

  /// What the definition that a group names gives for inputs.
  private func apply(_ key: String, _ inputs: [String: Values]) throws -> Values {
    let group = try group(key)
    var call = nested(group, under: "\(key).")
    call.inputs = inputs
    guard case .text(let name)? = group["name"] else {
      throw wrongOption("\(key).name", "the name of a definition", group["name"] ?? .none)
    }
    if let other = others.first(where: { $0.name == name }) { return try other.evaluate(call) }
    return try Oracles.named(name).evaluate(call)
  }

  /// One layer.
  fileprivate func map(_ x: Values, memory: Values?) throws -> Values {
    var x = try stem(x)
    x = try wrap("wrap_att", [x, x, x])
    if let memory, has("wrap_cross") { x = try wrap("wrap_cross", [x, memory, memory]) }
    return try tail(wrap("wrap_ff", [x]))
  }

  fileprivate func stem(_ x: Values) throws -> Values {
    var x = x
    if has("patch") { x = try apply("patch", ["x": x]) }
    if has("position") { x = try apply("position", ["x": x]) }
    if has("projection") {
      x = try nested([:], under: "projection.").linear(x)
    }
    return x
  }

  fileprivate func tail(_ x: Values) throws -> Values {
    var x = x
    if has("final_norm") { x = try apply("final_norm", ["x": x]) }
    if has("simplicial") { x = try apply("simplicial", ["x": x]) }
    return x
  }

  /// A residual around an attention or a feedforward.
  private func wrap(_ key: String, _ inputs: [Values]) throws -> Values {
    let own = nested(try group(key), under: "\(key).")
    return try own.residual(inputs) { try own.sublayer($0) }
  }

  /// A sublayer with the normalization of its residual, but without its sum.
  fileprivate func branch(_ key: String, _ inputs: [Values]) throws -> Values {
    let own = nested(try group(key), under: "\(key).")
    if try own.textIfPresent("style") == "pre" {
      return try own.sublayer(inputs.map { try own.apply("norm", ["x": $0]) })
    }
    return try own.apply("norm", ["x": own.sublayer(inputs)])
  }

  /// The sublayer of a residual, with its own draws.
  private func sublayer(_ inputs: [Values]) throws -> Values {
    var call = self
    let prefix = try "\(textIfPresent("key") ?? "")."
    call.state = [:]
    for (name, value) in state where name.hasPrefix(prefix) {
      call.state[String(name.dropFirst(prefix.count))] = value
    }
    return try call.applySublayer(inputs)
  }

  private func applySublayer(_ inputs: [Values]) throws -> Values {
    if inputs.count == 1 { return try apply("sublayer", ["inputs": inputs[0]]) }
    return try apply("sublayer", ["query": inputs[0], "key": inputs[1], "value": inputs[2]])
  }
}
