internal import JSON
internal import Torch

extension NaiveForm {
  /// Layers one after another: `patch`, `position`, `projection`, residuals around an attention, one to
  /// the memory and a feedforward, `final_norm`, `simplicial`.
  static let model = NaiveForm("model", wraps: { names(in: $0) }) { call in
    var memory = try call.input("src")
    let encoders = call.layers("encoders")
    if call.options["reversible"]?.bool == true {
      memory = try encoders[0].stem(memory)
      var (first, second) = (memory, memory)
      for layer in encoders {
        first = try first + layer.branch("f", [second, second, second])
        second = try second + layer.branch("g", [first])
      }
      memory = try encoders[encoders.count - 1].tail((first + second) / 2)
    } else {
      for layer in encoders { memory = try layer.mapped(memory, nil) }
    }
    let decoders = call.layers("decoders")
    guard !decoders.isEmpty else { return memory }
    var target = try call.inputs["tgt"] ?? call.input("src")
    for layer in decoders { target = try layer.mapped(target, memory) }
    return target
  }

  /// The definitions that a group of options names, however deep.
  private static func names(in options: JSON) -> [String] {
    if let list = options.array { return list.flatMap(names) }
    return (options.object ?? [:]).flatMap { key, value in
      let own = value["name"]?.string.map { [$0] } ?? []
      return own + names(in: value)
    }
  }
}

extension NaiveCall {
  /// The layers in a list, each with its own parameters.
  fileprivate func layers(_ key: String) -> [NaiveCall] {
    (options[key]?.array ?? []).enumerated().map { nested($1, "\(key).\($0)") }
  }

  /// The call of what is inside, with the tensors whose names have a prefix.
  private func nested(_ options: JSON, _ name: String, _ inputs: [String: Tensor] = [:])
    -> NaiveCall
  {
    let prefix = "\(name)."
    func own(_ tensors: [String: Tensor]) -> [String: Tensor] {
      Dictionary(
        uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix(prefix) }
          .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
    }
    let key = options["key"]?.string.map { "\($0)." } ?? ""
    let drawn = drawn.filter { $0.key.hasPrefix(key) }
      .map { (String($0.key.dropFirst(key.count)), $0.value) }
    var call = NaiveCall(
      options: options, inputs: inputs, parameters: own(parameters),
      drawn: Dictionary(uniqueKeysWithValues: drawn), book: book)
    call.dropped = own(dropped)
    return call
  }

  /// What the definition under a key gives; nil without such a key.
  private func apply(_ key: String, _ inputs: [String: Tensor]) throws -> Tensor? {
    guard let group = options[key], group.object != nil else { return nil }
    return try book.form(group["name"]?.string ?? "?").evaluate(nested(group, key, inputs))
  }

  fileprivate func mapped(_ x: Tensor, _ memory: Tensor?) throws -> Tensor {
    var x = try stem(x)
    x = try wrap("wrap_att", [x, x, x])
    if let memory { x = try wrap("wrap_cross", [x, memory, memory]) }
    return try tail(wrap("wrap_ff", [x]))
  }

  fileprivate func stem(_ x: Tensor) throws -> Tensor {
    var x = try apply("patch", ["x": x]) ?? x
    x = try apply("position", ["x": x]) ?? x
    guard options["projection"]?.bool == true else { return x }
    return try x.matmul(parameter("projection.weight").transposed()) + parameter("projection.bias")
  }

  fileprivate func tail(_ x: Tensor) throws -> Tensor {
    let normed = try apply("final_norm", ["x": x]) ?? x
    return try apply("simplicial", ["x": normed]) ?? normed
  }

  private func wrap(_ key: String, _ inputs: [Tensor]) throws -> Tensor {
    let own = nested(options[key] ?? [:], key)
    func branch(_ inputs: [Tensor]) throws -> Tensor {
      let output = try own.sublayer(inputs)
      return try own.parameters["scale"].map { try output * $0 } ?? output
    }
    guard own.options["style"]?.string != "pre" else {
      return try inputs[0] + branch(inputs.map(own.norm))
    }
    return try own.norm(inputs[0] * own.residualWeight + branch(inputs))
  }

  fileprivate func branch(_ key: String, _ inputs: [Tensor]) throws -> Tensor {
    let own = nested(options[key] ?? [:], key)
    return try own.options["style"]?.string == "pre"
      ? own.sublayer(inputs.map(own.norm)) : own.norm(own.sublayer(inputs))
  }

  private func norm(_ x: Tensor) throws -> Tensor { try apply("norm", ["x": x]) ?? x }

  private func sublayer(_ inputs: [Tensor]) throws -> Tensor {
    let named =
      inputs.count == 1
      ? ["inputs": inputs[0]] : ["query": inputs[0], "key": inputs[1], "value": inputs[2]]
    return try apply("sublayer", named) ?? inputs[0]
  }
}
