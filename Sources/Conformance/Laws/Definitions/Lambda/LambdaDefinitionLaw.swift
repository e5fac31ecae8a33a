internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LAM1: oₙ = qₙ·(Σₘ k̄ₘ vₘᵀ) + qₙ·(Σₘ E[m − n + L − 1] vₘᵀ), where k̄ are the keys after a softmax
  /// over positions, in each channel.
  static let lambdaDefinition = Law(
    .lambdaDefinition, trials: 20, witness: "lambdaPositionUnmixed", needs: [.lambda],
    plan: ScenarioPlan(fills: .distinct)
  ) { setting, trial in
    let table = try LambdaTable(setting)
    let inputs = try setting.inputs()
    let (query, key) = (try inputs.tensor("q").folded(), try inputs.tensor("k").folded())
    let value = try inputs.tensor("v").folded()
    let length = key.size(1)
    let powers = try key.exp()
    let keys = try powers / powers.sum(1, keep: true)
    let rows = try (0..<length).map { n -> Tensor in
      let seen = try table.drawn.slice(0, table.middle - n..<table.middle - n + length)
      // [N, D, V]
      let lambda = try (keys + seen).transposed().matmul(value)
      return try query.slice(1, n..<n + 1).matmul(lambda)
    }
    trial.classify("S < L", table.middle + 1 > length)
    let output = try table.part.run(inputs)
    try trial.equal(
      output, Tensor.cat(rows, 1).reshaped(output.shape), .exact(), label: "the definition")
  }
}
