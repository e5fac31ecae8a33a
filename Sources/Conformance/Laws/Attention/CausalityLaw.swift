internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A01: changing tokens at or after a position leaves all earlier outputs unchanged.
  ///
  /// Rejects `causalLostWithDropout` in 45% of trials, which sets the budget.
  static let causality = Law(
    .causality, trials: 24, witness: "causalPlusOne", dtypes: [.float64, .float32],
    needs: [.causal], plan: ScenarioPlan(minimumLength: 2)
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let before = try part.run(call.tensors)
    let separate = try call.with()
    for position in 1..<before.size(-2) {
      var values = [50.0, -50]
      if setting.claims.nanIsolation.contains(.masked) { values.append(.nan) }
      for value in values {
        let what = value.isNaN ? "NaN" : "other values"
        // First keys and values alone, then every input from the later tokens.
        let changed = try separate.with(
          key: separate.key.shifted(from: position, by: value),
          value: separate.value.shifted(from: position, by: value))
        let after = try part.run(changed.tensors)
        try trial.unchanged(
          after.slice(-2, 0..<position), before.slice(-2, 0..<position),
          label: "\(what) in later keys and values")
        var tokens = call.tensors
        for (name, tensor) in call.tensors where name != "att_mask" && tensor.dtype.isFloating {
          tokens[name] = try tensor.shifted(from: position, by: value)
        }
        try trial.unchanged(
          part.run(tokens).slice(-2, 0..<position), before.slice(-2, 0..<position),
          label: "\(what) in later tokens")
      }
    }
  }
}

extension Tensor {
  /// The same tokens with a number added from a position on.
  func shifted(from position: Int, by value: Double) throws -> Tensor {
    let kept = try slice(-2, 0..<position)
    return try Tensor.cat([kept, slice(-2, position..<size(-2)) + value], -2)
  }
}
