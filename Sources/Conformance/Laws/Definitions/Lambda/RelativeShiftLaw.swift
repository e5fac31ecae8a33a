internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LAM4: relative positions count as m − n only, and a shorter input uses the table's middle.
  ///
  /// Three views of it: S tokens among others whose keys weigh nothing and whose values are 0 give
  /// the same rows, wherever they stand; rows of the table farther than S − 1 from the middle do
  /// not matter, to the bit; and a vector added to the middle row adds its product with the query
  /// times the token's own value.
  static let relativeShift = Law(
    .relativeShift, trials: 25, witness: "lambdaTableStart", needs: [.lambda],
    plan: ScenarioPlan(fills: .distinct)
  ) { setting, trial in
    let table = try LambdaTable(setting)
    let inputs = try setting.inputs()
    let (query, key) = (try inputs.tensor("q"), try inputs.tensor("k"))
    let value = try inputs.tensor("v")
    let (length, rows) = (query.size(-2), table.drawn.size(0))
    let output = try table.part.run(inputs)
    let free = table.middle + 1 - length
    trial.classify("S < L", free > 0)
    for before in Set([0, free / 2, free]) where free > 0 {
      let counts = [0, 0, before, free - before]
      let embedded = [
        "q": try query.padded(counts, with: 1), "v": try value.padded(counts),
        // The exponential of this is 0 beside that of any key.
        "k": try key.padded(counts, with: -1e4),
      ]
      try trial.equal(
        table.part.run(embedded).slice(-2, before..<before + length), output, .exact(),
        label: "tokens further on")
    }
    var beyond = try table.adding(50, 0..<table.middle + 1 - length)
    beyond = try beyond + (table.adding(-50, table.middle + length..<rows) - table.drawn)
    try trial.unchanged(table.run(beyond, inputs), output, label: "rows farther than the tokens")
    try trial.equal(
      table.run(table.adding(0.5, table.middle..<table.middle + 1), inputs),
      output + query.sum(-1, keep: true) * 0.5 * value, .exact(), label: "the middle row")
  }
}
