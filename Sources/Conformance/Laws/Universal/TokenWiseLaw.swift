internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// F01: another token, or a NaN in it, changes no output but its own.
  static let tokenWise = Law(
    .tokenWise, trials: 16, witness: "feedforwardLeak", dtypes: [.float64, .float32],
    needs: [Need("tokens are mixed", Capability("tokenWise", \.tokenWise))],
    deciding: [.isolation(.token)], plan: ScenarioPlan(minimumLength: 2)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let before = try part.run(inputs)
    let signature = part.signature
    guard let outer = signature.output.firstIndex(where: { $0.letter == "S" }) else {
      throw KitError("the output has no axis S, so no output belongs to a token")
    }
    let isolates = setting.claims.nanIsolation.contains(.token)
    for token in 0..<setting.scenario.lengths[.queryLength] {
      let others = (0..<before.size(outer)).filter { $0 != token }
      for change in [50.0, -1e4] + (isolates ? [.nan] : []) {
        var changed = inputs
        for input in signature.inputs {
          guard let axis = input.axes.firstIndex(where: { ["S", "T"].contains($0.letter) }),
            let tensor = inputs[input.name], tensor.size(axis) > token
          else { continue }
          changed[input.name] = try tensor.changing(token, axis, input.element, by: change)
        }
        try trial.unchanged(
          part.run(changed).picked(outer, others), before.picked(outer, others),
          label: change.isNaN ? "NaN in another token" : "another token")
      }
    }
  }
}

extension Tensor {
  /// The tokens with one of them changed: a number added, or the next index.
  fileprivate func changing(
    _ token: Int, _ axis: Int, _ element: Signature.Element, by change: Double
  ) throws -> Tensor {
    let old = try slice(axis, token..<token + 1)
    let new: Tensor
    switch element {
    case .floating: new = try old + change
    case .index(let bound): new = try (old * -1 + Double(bound - 1)).to(old.dtype)
    }
    return try Tensor.cat(
      [slice(axis, 0..<token), new, slice(axis, token + 1..<size(axis))], axis)
  }
}
