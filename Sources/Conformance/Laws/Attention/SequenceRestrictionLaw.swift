internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A26: every length up to 25 gives what the definition gives, or throws and names the
  /// restriction; nothing pads or crops in silence.
  static let sequenceRestriction = Law(
    .sequenceRestriction, trials: 16, witness: "lengthLimitUnchecked", needs: [.someDefinition],
    plan: ScenarioPlan(fills: .small, masks: .none)
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part).with()
    let generator = Generator(seed: trial.seed)
    // A few lengths a trial, others in the next.
    for length in stride(from: 1 + Int(trial.seed % 5), through: 25, by: 5) {
      func tokens(_ x: Tensor) throws -> Tensor {
        try .normal(
          x.shape.dropLast(2) + [length, x.size(-1)], setting.dtype, generator: generator)
      }
      let changed = try call.with(
        query: tokens(call.query), key: tokens(call.key), value: tokens(call.value))
      let restriction = part.claims(queryLength: length, keyLength: length).sequence
      guard restriction.accepts(length) else {
        let error = trial.throwsError(PartError.self, label: "a length that is not accepted") {
          _ = try part.run(changed.tensors)
        }
        if let error {
          trial.expect(
            error.description.contains(restriction.text), label: "the restriction named",
            "length \(length): the error does not say `\(restriction.text)`: \(error)")
        }
        continue
      }
      try trial.equal(
        part.run(changed.tensors), setting.expected(part, changed.tensors),
        trial.tolerance(setting, part, changed.tensors), label: "length \(length)")
    }
  }
}
