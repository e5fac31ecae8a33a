internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// POO1: each output is the mean over the cells of the window that are on the grid, less the token;
  /// equal tokens give 0.
  static let windowAverage = Law(
    .windowAverage, trials: 16, witness: "poolingCountsBorder", needs: [.definition("pooling")],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let query = try inputs.tensor("q")
    let window = try PoolingWindow(setting, query)
    let means = try (0..<query.size(1)).map { token in
      try query.picked(1, window.cells(around: token)).mean(1)
    }
    try trial.equal(
      part.run(inputs), Tensor.stack(means, 1) - query, .exact(), label: "the mean of the window")

    let equal = try query.slice(1, 0..<1).expanded(query.shape)
    try trial.equal(
      part.run(inputs.merging(["q": equal]) { $1 }), equal * 0, .exact(), label: "equal tokens")
  }

  /// POO2: an output depends on exactly the cells of its window, the corners among them.
  static let windowField = Law(
    .windowField, trials: 16, witness: "poolingRowsOnly", needs: [.definition("pooling")],
    plan: ScenarioPlan(fills: .small, minimumLength: 2)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let query = try inputs.tensor("q")
    let window = try PoolingWindow(setting, query)
    let before = try part.run(inputs)
    for token in 0..<query.size(1) {
      let changed = try inputs.merging(["q": query.moving(token: token, by: 100)]) { $1 }
      let expected = (0..<query.size(0) * query.size(1)).map { row in
        let cells = window.cells(around: row % query.size(1))
        // The mean of a token alone, less the token, is 0.
        return cells.count > 1 && cells.contains(token)
      }
      try trial.dependence(
        movedRows(part.run(changed), before), equals: expected, label: "dependence on tokens"
      ) { row in
        "with token \(token), output \(row % query.size(1)) of item \(row / query.size(1))"
      }
    }
  }
}

/// The window of a part that computes a pooling, on the grid of a call.
struct PoolingWindow {
  /// The width, in cells.
  let size: Int
  private let side: Int

  /// Reads the options of the definition and the number of tokens `[B, L, E]`.
  init(_ setting: Setting, _ tokens: Tensor) throws {
    size = try setting.option("pool_size", default: 3)
    side = Int(Double(tokens.size(1)).squareRoot().rounded())
  }

  /// The tokens in the window around one.
  func cells(around token: Int) -> [Int] {
    (0..<side * side).filter { cell in
      abs(cell / side - token / side) <= size / 2 && abs(cell % side - token % side) <= size / 2
    }
  }
}
