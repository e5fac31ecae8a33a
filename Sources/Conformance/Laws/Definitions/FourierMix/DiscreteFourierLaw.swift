internal import Catalogue
internal import Foundation
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FOU1: y[s, e] = Σ x[s', e'] cos 2π(s s'/S + e e'/E) for the query x, and keys and values can be
  /// anything.
  static let discreteFourier = Law(
    .discreteFourier, trials: 16, witness: "fourierAddsValue",
    needs: [.definition("fourier_mix")],
    plan: ScenarioPlan(fills: .small) { draft in
      [.tensor("other keys", draft.query), .tensor("other values", draft.query)]
    }
  ) { setting, trial in
    let part = try setting.part()
    var inputs = try setting.inputs()
    let query = try inputs.tensor("q")
    let output = try part.run(inputs)
    try trial.equal(output, cosineTransform(query), .exact(), label: "the transform")

    for factor in [1e4, .nan] {
      for (name, other) in [("k", "other keys"), ("v", "other values")] {
        inputs[name] = try setting.extra(other) * factor
      }
      try trial.unchanged(part.run(inputs), output, label: "other keys and values")
    }
  }
}

/// The sum of all tokens and channels `[B, S, E]`, each times the cosine that belongs to it.
private func cosineTransform(_ x: Tensor) throws -> Tensor {
  let (length, width) = (x.size(1), x.size(2))
  let count = length * width
  let cosines = (0..<count * count).map { index -> Double in
    let (to, from) = (index / count, index % count)
    let tokens = Double(to / width * (from / width) % length) / Double(length)
    let channels = Double(to % width * (from % width) % width) / Double(width)
    return cos(2 * .pi * (tokens + channels))
  }
  return try x.reshaped([-1, count])
    .matmul(Tensor(cosines, shape: [count, count]).transposed()).reshaped(x.shape)
}
