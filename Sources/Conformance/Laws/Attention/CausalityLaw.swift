internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A01: changing what comes at or after a position leaves all earlier outputs as they are.
  static let causality = Law(
    .causality, trials: 24, witness: "causalPlusOne", needs: [.causal],
    plan: ScenarioPlan(minimumLength: 2)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let before = try part.run(inputs)
    let length = before.size(-2)
    for position in Set([1, length / 2, length - 1]).sorted() where position >= 1 {
      var values = [50.0]
      if setting.claims.nanIsolation.contains(.masked) { values.append(.nan) }
      for value in values {
        var changed = inputs
        for (name, tensor) in inputs where tensor.dtype.isFloating && name != "att_mask" {
          // Queries belong to their own position, unless the part takes keys from them.
          if name == "q" { continue }
          changed[name] = try tensor.shifted(from: position, by: value)
        }
        let after = try part.run(changed)
        try trial.unchanged(
          after.slice(-2, 0..<position), before.slice(-2, 0..<position),
          label: value.isNaN ? "NaN at later positions" : "later positions moved")
      }
    }
  }
}

extension Tensor {
  /// The same tokens with a number added to those from a position on.
  func shifted(from position: Int, by value: Double) throws -> Tensor {
    let kept = try slice(-2, 0..<position)
    return try Tensor.cat([kept, slice(-2, position..<size(-2)) + value], -2)
  }
}
