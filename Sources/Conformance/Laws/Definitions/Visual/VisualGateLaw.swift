internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// VIS1: with a last convolution of zeros the output is the query; with a gate of zeros it is the
  /// query plus the last offset.
  static let visualIdentity = Law(
    .visualIdentity, trials: 16, witness: "visualNoShortcut", needs: [.definition("visual")],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let inputs = try setting.inputs()
    let query = try inputs.tensor("q")
    func output(withoutLayer layer: String) throws -> Tensor {
      let part = try setting.part()
      for role in ["\(layer)_weight", "\(layer)_bias"] {
        let key = try setting.key(of: role)
        try part.load([key: part.stateDict.tensor(key).detached() * 0], strict: false)
      }
      return try part.run(inputs)
    }
    try trial.equal(
      output(withoutLayer: "output"), query, .exact(), label: "no last convolution")
    let offset = try setting.part().stateDict.tensor(setting.key(of: "output_bias")).detached()
    try trial.equal(
      output(withoutLayer: "gate"), query + offset, .exact(), label: "no gate")
  }

  /// VIS2: on a grid of 13 × 13 cells an output depends on exactly the tokens within eleven rows and
  /// eleven columns.
  static let visualField = Law(
    .visualField, trials: 16, witness: "visualDilationTwo", needs: [.definition("visual")],
    plan: ScenarioPlan(fills: .small) { draft in
      [.tensor("a grid of 13 by 13", [1, 13 * 13] + draft.query.suffix(1))]
    }
  ) { setting, trial in
    let side = 13
    let part = try setting.part()
    let tokens = try setting.extra("a grid of 13 by 13")
    // Behind zeros a gate may be closed.
    try trial.assume(!tokens.equals(0).anyTrue())
    var inputs = ["q": tokens, "k": tokens, "v": tokens]
    let before = try part.run(inputs)
    // Only from the border is anything out of reach.
    for token in [0, side - 1, side * (side - 1), side * side - 1, side * side / 2] {
      inputs["q"] = try tokens.moving(token: token, by: 10)
      let expected = (0..<side * side).map { cell in
        abs(cell / side - token / side) <= 11 && abs(cell % side - token % side) <= 11
      }
      try trial.dependence(
        movedRows(part.run(inputs), before), equals: expected, label: "dependence on tokens"
      ) { cell in
        "with token \(token), the output of row \(cell / side) and column \(cell % side)"
      }
    }
  }

  /// VIS3: one tap of a kernel moves content by its own offset of rows and columns, taps of the wide
  /// kernel by three times as much; all else is the identity.
  static let visualTap = Law(
    .visualTap, trials: 16, witness: "visualGridTurned", needs: [.definition("visual")],
    plan: ScenarioPlan(fills: .small) { draft in
      [
        .tensor("a grid of 11 by 11", [1, 11 * 11] + draft.query.suffix(1)),
        .number("near tap", below: 25), .number("wide tap", below: 49),
      ]
    }
  ) { setting, trial in
    let tokens = try setting.extra("a grid of 11 by 11")
    let inputs = ["q": tokens, "k": tokens, "v": tokens]
    let cells = try TokenCells(tokens)
    let u = try cells.cells * 0.5 * ((cells.cells * 0.5.squareRoot()).erf() + 1)
    for (layer, taps, apart) in [("near", 5, 1), ("wide", 7, 3)] {
      let tap = try setting.number("\(layer) tap")
      let part = try setting.part()
      try part.load(identity(setting, part, layer, tap: tap), strict: false)
      let moved = try TokenCells.moved(
        u, (taps / 2 - tap / taps) * apart, (taps / 2 - tap % taps) * apart)
      try trial.equal(
        part.run(inputs), tokens + cells.tokens(u * moved), .exact(),
        label: "one tap of the \(layer) kernel")
    }
  }
}

/// A state in which every layer passes its input on, but one kernel by another tap than its centre.
private func identity(_ setting: Setting, _ part: any PartModule, _ layer: String, tap: Int) throws
  -> [String: Tensor]
{
  var state: [String: Tensor] = [:]
  for name in ["input", "near", "wide", "gate", "output"] {
    let key = try setting.key(of: "\(name)_weight")
    let shape = try part.stateDict.tensor(key).shape
    let taps = shape[2] * shape[3]
    if taps == 1 {
      state[key] = try Tensor.identity(shape[0], .float64).reshaped(shape)
    } else {
      let chosen = name == layer ? tap : taps / 2
      let kernel = try Tensor(
        (0..<taps).map { $0 == chosen ? 1.0 : 0 }, shape: [1, 1, shape[2], shape[3]])
      state[key] = try kernel.expanded(shape)
    }
    state[try setting.key(of: "\(name)_bias")] = try Tensor.zeros([shape[0]], .float64)
  }
  return state
}
