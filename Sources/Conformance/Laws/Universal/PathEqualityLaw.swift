internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U27: every implementation of an attention gives the same outputs and derivatives.
  static let pathEquality = Law(
    .pathEquality, trials: 24, witness: "bandPaddingSeen",
    obstacle: { subject, _ in
      let part = subject.candidates.first.flatMap { try? subject.build($0.config, seed: 0) }
      return part?.choosing == nil ? "one implementation" : nil
    },
    plan: ScenarioPlan(fills: .small) { draft in [.tensor("cotangent", draft.output)] }
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    guard let choosing = part.choosing else { throw KitError("the part has one implementation") }
    var bare = inputs
    bare["att_mask"] = nil
    func results(_ path: AttentionPath, _ inputs: [String: Tensor]) throws -> [(
      label: String, tensor: Tensor
    )] {
      choosing.path = path
      let call = try DifferentiableCall(part, inputs, setting.claims)
      let output = try call.output()
      let gradients = try call.derivatives([setting.extra("cotangent")])[0]
        .sorted { $0.key < $1.key }
      return [("output", output)] + gradients.map { ("derivative by \($0.key)", $0.value) }
    }
    // A mask of the call may need all pairs, whatever the path.
    for inputs in inputs["att_mask"] == nil ? [inputs] : [inputs, bare] {
      let dense = try results(.dense, inputs)
      for path in [AttentionPath.structured, .automatic] {
        for (actual, expected) in zip(try results(path, inputs), dense) {
          try trial.equal(
            actual.tensor, expected.tensor, .exact(), label: "\(actual.label), \(path.rawValue)")
        }
      }
    }
  }
}
