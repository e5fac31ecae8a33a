internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// V01: the output is that of the sublayers called one after the other: y₁ = x₁ + f(x₂), then
  /// y₂ = x₂ + g(y₁), in halves of the last axis.
  static let reversibleDefinition = Law(
    .reversibleDefinition, trials: 16, witness: "halvesSwapped",
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.reversible()
    let x = try setting.inputs().tensor("x")
    try trial.equal(
      part.run(["x": x]), part.plainStates(x).last ?? x, .exact(), label: "block after block")
  }

  /// V02: the inverse gives the input of a call, and a call gives what its inverse was taken of. The
  /// tolerance grows with the largest intermediate value relative to the input.
  static let reversibleInverse = Law(
    .reversibleInverse, trials: 16, witness: "inverseInOrder", plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.reversible()
    let x = try setting.inputs().tensor("x")
    try trial.equal(
      part.inverse(part.run(["x": x])), x, part.tolerance(x), label: "the inverse of the output")
    let source = try part.inverse(x)
    try trial.equal(
      part.run(["x": source]), x, part.tolerance(source), label: "the output for the inverse")
  }

  /// V03: the derivatives by the input and by every parameter are those of the sublayers called one
  /// after the other, recorded by autograd as usual. Those by parameters do not need one by the input, and
  /// are added to those of earlier passes. Parameters that change between the passes are noticed.
  static let reversibleGradient = Law(
    .reversibleGradient, trials: 16, witness: "derivativeOfHalfLost",
    plan: ScenarioPlan(fills: .small) { draft in [.tensor("cotangent", draft.output)] }
  ) { setting, trial in
    let part = try setting.reversible()
    let x = try setting.inputs().tensor("x")
    let cotangent = try setting.extra("cotangent")
    let plain = try part.slopes(x, cotangent) { try part.plain($0) }
    let tolerance = try part.tolerance(x)
    for (name, actual) in try part.slopes(x, cotangent, of: { try part.run(["x": $0]) }) {
      try trial.equal(actual, plain.tensor(name), tolerance, label: "the derivative by \(name)")
    }
    for pass in [1.0, 2] {
      let output = try part.run(["x": x])
      guard output.requiresGrad else {
        trial.expect(part.parameters.isEmpty, label: "a gradient of parameters alone")
        return
      }
      try output.backward(cotangent)
      for (key, value) in part.parameters {
        let gradient = try value.grad ?? Tensor.zeros(value.shape, value.dtype)
        try trial.equal(
          gradient, plain.tensor("parameter \(key)") * pass, tolerance,
          label: "the gradient of \(key) after \(Int(pass)) passes")
      }
    }
    guard let changed = try part.parameters.last?.value.detached() else { return }
    let output = try part.run(["x": x])
    try changed.copy(from: changed + 1)
    trial.throwsError(TorchError.self, label: "a parameter that changes between the passes") {
      try output.backward(cotangent)
    }
  }

  /// V04: in training, the backward pass drops what the forward pass dropped, also after another call
  /// and in evaluation mode, and later calls drop what they would have dropped without it; so it does
  /// where both sublayers drop.
  static let reversibleDropout = Law(
    .reversibleDropout, trials: 16, witness: "recomputeNewMask",
    needs: [Need("no dropout") { $0.dropout != .none }],
    plan: ScenarioPlan(fills: .small, dropout: false) { draft in
      [.tensor("cotangent", draft.output), .number("seed", below: 1 << 16)]
    }
  ) { setting, trial in
    let sites = try DroppingCall.sites(setting)
    var options = Dictionary(
      sites.map { ($0.key, JSON.number(0.5)) }, uniquingKeysWith: { $1 })
    let path = sites[0].key.split(separator: ".").map(String.init)
    if try setting.number("seed") % 2 == 0, let given = setting.scenario.config[path[0]],
      given.object != nil
    {
      let own = OptionAxis.setting(0.5, at: path[1...], in: given)
      options = ["f": own, "g": own]
    }
    let part = try setting.reversible(options)
    let x = try setting.inputs().tensor("x")
    let cotangent = try setting.extra("cotangent")
    let seed = UInt64(try setting.number("seed"))
    func results(_ call: (Tensor) throws -> Tensor) throws -> [(String, Tensor)] {
      part.train()
      try part.reseed(seed)
      var other = x
      let slopes = try part.slopes(x, cotangent) { leaf in
        let output = try call(leaf)
        other = try call(x).detached()
        part.eval()
        return output
      }
      let evaluated = try call(x).detached()
      part.train()
      let rest = try [other, evaluated, call(x).detached()]
      return slopes.sorted { $0.key < $1.key }.map { ("the derivative by \($0)", $1) }
        + zip(["another call", "evaluation", "a call after the backward pass"], rest)
    }
    let plain = try results { try part.plain($0) }
    let actual = try results { try part.run(["x": $0]) }
    let tolerance = try part.tolerance(x)
    for ((label, tensor), (_, expected)) in zip(actual, plain) {
      try trial.equal(tensor, expected, tolerance, label: label)
    }
  }

  /// V05: sublayers of code get the second half and what became of the first, block after block, and
  /// nothing else; blocks called alone, one after the other, give what all give together; derivatives
  /// reach a tensor that only one of them uses.
  static let reversibleRouting = Law(
    .reversibleRouting, trials: 16, witness: "blocksShareSublayers",
    plan: ScenarioPlan(fills: .distinct) { draft in
      let half = Array(draft.query.dropLast()) + [draft.query[draft.query.count - 1] / 2]
      return [
        .tensor("first", half), .tensor("second", half), .tensor("factor", half),
        .tensor("cotangent", draft.output),
      ]
    }
  ) { setting, trial in
    let part = try setting.reversible()
    let x = try setting.inputs().tensor("x")
    let whole = try part.run(["x": x])
    let (added, addedNext) = try (setting.extra("first"), setting.extra("second"))
    var received: [(String, Tensor)] = []
    let output = try withoutGrad {
      try part(x, using: []) { block, half in
        received.append(("f of block \(block)", half))
        return try added * Double(block + 1)
      } g: { block, half in
        received.append(("g of block \(block)", half))
        return try addedNext * Double(block + 1)
      }
    }
    var (first, second) = try x.inHalves
    var expected: [(String, Tensor)] = []
    for block in 0..<part.count {
      expected.append(("f of block \(block)", second))
      first = try first + added * Double(block + 1)
      expected.append(("g of block \(block)", first))
      second = try second + addedNext * Double(block + 1)
    }
    trial.expect(
      received.map(\.0) == expected.map(\.0), label: "the order of calls",
      "expected calls of \(expected.map(\.0)), got \(received.map(\.0))")
    for ((label, half), (_, wanted)) in zip(received, expected) {
      try trial.unchanged(half, wanted, label: label)
    }
    try trial.unchanged(output, Tensor.cat([first, second], -1), label: "the sums")

    var alone = x
    for own in 0..<part.count {
      alone = try part(alone, using: []) { block, half in
        try block == own ? part.f(block, half) : half * 0
      } g: { block, half in
        try block == own ? part.g(block, half) : half * 0
      }
    }
    try trial.unchanged(alone, whole, label: "blocks called alone")

    let factor = try setting.extra("factor").requireGrad()
    func f(_ block: Int, _ half: Tensor) throws -> Tensor { try part.f(block, half) * factor }
    let cotangent = try setting.extra("cotangent")
    let derivatives = try [part(x, using: [factor], f: f, g: part.g), part.plain(x, f: f)].map {
      try $0.gradients(of: [factor], cotangent: cotangent)[0] ?? Tensor.zeros(factor.shape)
    }
    try trial.equal(
      derivatives[0], derivatives[1], .exact(), label: "the derivative by a tensor of one sublayer")
  }

  /// V06: the bytes that a call keeps for its backward pass are the same for 1, 2, 4 and 8 blocks, up
  /// to those of one half.
  static let reversibleMemory = Law(
    .reversibleMemory, trials: 4, witness: "halvesKept", plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.reversible()
    let generator = Generator(seed: setting.scenario.parameterSeed)
    let own = try setting.inputs().tensor("x")
    _ = try part.run(["x": own])
    let width = own.size(-1) / 2
    let x = try Tensor.normal([1, 512, 2 * width], setting.dtype, generator: generator)
      .requireGrad()
    func kept(_ count: Int) throws -> Int {
      let layers = try (0..<count).map { _ in
        try (Linear(width, width, generator: generator), Linear(width, width, generator: generator))
      }
      for layer in layers.flatMap({ [$0.0, $0.1] }) { try layer.to(setting.dtype) }
      let sequence = try Swift.type(of: part).init(dim: width, around: layers)
      let before = Runtime.liveBytes
      let output = try sequence(x, using: []) {
        try layers[$0].0($1).gelu()
      } g: {
        try layers[$0].1($1).gelu()
      }
      trial.expect(output.requiresGrad, label: "a gradient")
      return Runtime.liveBytes - before
    }
    let single = try kept(1)
    let half = x.count / 2 * setting.dtype.size
    for count in [2, 4, 8] {
      let more = try kept(count) - single
      trial.compared(1)
      trial.expect(
        more <= half, label: "\(count) blocks",
        "\(count) blocks keep \(more) bytes more than one block; a half has \(half)")
    }
  }
}

extension Setting {
  /// The part as one whose blocks a law can call.
  fileprivate func reversible(_ overrides: [String: JSON] = [:]) throws -> any Reversible {
    let part = try self.part(overrides)
    guard let reversible = part as? any Reversible else {
      throw KitError("expected a reversible sequence, got a \(Swift.type(of: part))")
    }
    return reversible
  }
}

extension Tensor {
  /// The halves of the last axis.
  fileprivate var inHalves: (Tensor, Tensor) {
    get throws {
      let width = size(-1) / 2
      return try (slice(-1, 0..<width), slice(-1, width..<2 * width))
    }
  }
}

extension Reversible {
  /// The tokens before the first block and after each, as autograd usually records them.
  fileprivate func plainStates(_ x: Tensor, f: Sublayer? = nil) throws -> [Tensor] {
    var (first, second) = try x.inHalves
    var states = [x]
    for block in 0..<count {
      first = try first + (f ?? self.f)(block, second)
      second = try second + g(block, first)
      states.append(try Tensor.cat([first, second], -1))
    }
    return states
  }

  /// The last of these.
  fileprivate func plain(_ x: Tensor, f: Sublayer? = nil) throws -> Tensor {
    try plainStates(x, f: f).last ?? x
  }

  /// T2 times how much larger the tokens become; so do errors where blocks are undone.
  fileprivate func tolerance(_ x: Tensor) throws -> Tolerance {
    let sizes = try plainStates(x).map { try $0.abs().maximum().item() }
    return .exact(condition: (sizes.max() ?? 1) / max(sizes[0], 1))
  }

  /// The derivatives of a call by the input and, as `parameter KEY`, by each parameter.
  fileprivate func slopes(_ x: Tensor, _ cotangent: Tensor, of call: (Tensor) throws -> Tensor)
    throws -> [String: Tensor]
  {
    let leaf = try x.clone().requireGrad()
    let leaves = [("x", leaf)] + parameters.map { ("parameter \($0.key)", $0.value) }
    let found = try call(leaf).gradients(of: leaves.map(\.1), cotangent: cotangent)
    return try Dictionary(
      uniqueKeysWithValues: zip(leaves, found).map { leaf, derivative in
        (leaf.0, try derivative ?? Tensor.zeros(leaf.1.shape, leaf.1.dtype))
      })
  }
}
