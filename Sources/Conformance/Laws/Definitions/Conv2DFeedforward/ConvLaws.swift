internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// F06: one hidden channel that reads and writes one channel, with a single tap, gives the activation
  /// of the content moved by the tap's offset of rows and columns; so does the kernel turned, loaded as
  /// one of the original.
  static let convDefinition = Law(
    .convDefinition, trials: 16, witness: "originalKernelsKept", needs: [.definition("conv_mlp")],
    plan: ScenarioPlan(fills: .small) { draft in
      [
        .tensor("a grid of 5 by 5", [1, 25] + draft.query.suffix(1)), .number("tap", below: 9),
        .number("channel", below: draft.query.last ?? 1),
      ]
    }
  ) { setting, trial in
    let tokens = try setting.extra("a grid of 5 by 5")
    let (tap, channel) = try (setting.number("tap"), setting.number("channel"))
    let name = try setting.definition.options["activation"]?.string
    let moved = try TokenCells.moved(
      TokenCells(tokens).cells.slice(1, channel..<channel + 1), 1 - tap / 3, 1 - tap % 3)
    let expected = try Tensor(
      moved.doubles().map { try documentedActivation(name, $0) }, shape: [1, 25])
    let places = ["input_weight": channel, "near_weight": tap, "output_weight": 0]
    let part = try setting.part()
    var state: [String: Tensor] = [:]
    for (role, key) in try setting.definition.parameters {
      let shape = try part.stateDict.tensor(key).shape
      let values = (0..<shape.reduce(1, *)).map { $0 == places[role] ? 1.0 : 0 }
      state[key] = try Tensor(values, shape: shape)
    }
    func output(_ part: any PartModule) throws -> Tensor {
      try part.run(["inputs": tokens]).index(-1, 0)
    }
    try part.load(state)
    try trial.equal(output(part), expected, .exact(), label: "one tap")
    let kernel = try setting.key(of: "near_weight")
    state[kernel] = try state.tensor(kernel).transposed()
    let other = try setting.part()
    try other.load(original: state)
    try trial.equal(output(other), expected, .exact(), label: "one tap of the original")
  }

  /// F07: on a grid of 5 × 5 cells a token moves exactly the outputs of its 3 × 3 neighbourhood.
  static let convField = Law(
    .convField, trials: 16, witness: "nearIsWide", needs: [.definition("conv_mlp")],
    plan: ScenarioPlan(fills: .small) { draft in
      [.tensor("a grid of 5 by 5", [1, 25] + draft.query.suffix(1))]
    }
  ) { setting, trial in
    let side = 5
    let part = try setting.part()
    // Among positive numbers no activation hides a change.
    try part.load(part.stateDict.mapValues { try $0.detached().abs() })
    let tokens = try setting.extra("a grid of 5 by 5").abs()
    let before = try part.run(["inputs": tokens])
    for token in 0..<side * side {
      let expected = (0..<side * side).map { cell in
        abs(cell / side - token / side) <= 1 && abs(cell % side - token % side) <= 1
      }
      try trial.dependence(
        movedRows(part.run(["inputs": tokens.moving(token: token, by: 10)]), before),
        equals: expected, label: "dependence on tokens"
      ) { cell in
        "with token \(token), the output of row \(cell / side) and column \(cell % side)"
      }
    }
  }

  /// F08: content amid zeros that moves by a row and a column moves the output alike, as far as no
  /// cell is at the border of its grid of 7 × 7 cells.
  static let convShift = Law(
    .convShift, trials: 16, witness: "cellsKnowTheirRow", needs: [.definition("conv_mlp")],
    plan: ScenarioPlan(fills: .small) { draft in
      [
        .tensor("content of 2 by 2", [1, 4] + draft.query.suffix(1)), .number("rows", below: 3),
        .number("columns", below: 3),
      ]
    }
  ) { setting, trial in
    let part = try setting.part()
    let content = try TokenCells(setting.extra("content of 2 by 2")).cells.padded([2, 3, 2, 3])
    let (rows, columns) = try (setting.number("rows"), setting.number("columns"))
    func result(_ cells: Tensor) throws -> Tensor {
      let tokens = try cells.reshaped([1, cells.size(1), 49]).transposed(1, 2)
      let output = try part.run(["inputs": tokens.contiguous()])
      return try output.transposed(1, 2).reshaped([1, output.size(2), 7, 7])
    }
    let before = try result(content)
    let after = try result(TokenCells.moved(content, rows, columns))
    try trial.equal(
      after.slice(2, 1 + rows..<4 + rows).slice(3, 1 + columns..<4 + columns),
      before.slice(2, 1..<4).slice(3, 1..<4), .exact(), label: "content that moved")
  }
}
