internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// R02: around a sublayer that gives 0, `pre` returns its input to the bit, and the other styles
  /// return what they give for a multiple of it, normalized, in models of decoders alone, too.
  static let zeroSublayer = Law(
    .zeroSublayer, trials: 16, witness: "residualWithoutInput", needs: [.definition("residual")],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let x = try setting.inputs().tensor("x")
    // Where options count layers, there may be decoders alone.
    let alone =
      try setting.definition.options["decoder_layers"] == nil
      ? nil
      : setting.config(
        defining: [
          OptionChange("decoder_layers", 3), OptionChange("block_type", .null),
          OptionChange("encoder_layers", 0),
        ])
    for config in [setting.scenario.config, alone].compactMap(\.self) {
      let part = try setting.part(in: config)
      let residual = try setting.residual(part)
      let own = try part.run(["x": x])
      trial.observe(output: try XXH3.hash64(own.detached().bytes()))
      let output = try residual([x]) { try $0[0] * 0 }
      guard try setting.definition.options["style"]?.string != "pre" else {
        try trial.unchanged(output, x, label: "a sublayer that gives 0")
        continue
      }
      if let scale = try setting.definition.parameters["scale"] {
        try part.load([scale: Tensor.ones([x.size(-1)], .float64)], strict: false)
      }
      let options = part.claims.definition?.options ?? .null
      let weight = NaiveCall(options: options, inputs: [:]).residualWeight
      let doubled = try residual([x]) { _ in try x * weight }
      let again = try residual([x * 2]) { try $0[0] * 0 }
      try trial.equal(doubled, again, .exact(), label: "the input again from the sublayer")
    }
  }

  /// R03: each input of a sublayer is normalized in the style `pre` and no other, one that is given
  /// several times is the same tensor each time, and the first input alone joins the sum.
  static let normalizedInputs = Law(
    .normalizedInputs, trials: 16, witness: "keysNotNormalized", needs: [.definition("residual")],
    plan: ScenarioPlan(fills: .distinct) { draft in
      [.tensor("keys", draft.query), .tensor("values", draft.query)]
    }
  ) { setting, trial in
    let part = try setting.part()
    let x = try setting.inputs().tensor("x")
    let residual = try setting.residual(part)
    var received: [Tensor] = []
    func outcome(_ inputs: [Tensor]) throws -> Tensor {
      try residual(inputs) { inner in
        received = inner
        return try inner[0] * 0
      }
    }
    _ = try part.run(["x": x])
    let tokens = try [x, setting.extra("keys"), setting.extra("values")]
    var alone: [Tensor] = []
    for token in tokens {
      _ = try outcome([token])
      alone += received
    }
    let isFirst = try setting.definition.options["style"]?.string == "pre"
    let output = try outcome(tokens)
    for (number, (inner, expected)) in zip(received, alone).enumerated() {
      try trial.unchanged(inner, expected, label: "input \(number) among others")
      if !isFirst { try trial.unchanged(inner, tokens[number], label: "input \(number) as it is") }
    }
    try trial.unchanged(output, outcome([x]), label: "the first input in the sum")
    _ = try outcome([x, x, x])
    for inner in received.dropFirst() {
      try trial.unchanged(inner, received[0], label: "an input that is given again")
    }
  }
}
