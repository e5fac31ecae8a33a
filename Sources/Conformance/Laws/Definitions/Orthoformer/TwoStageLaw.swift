internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// ORT2: with the m reported landmarks Λ, o = softmax(q Λᵀ/√D)·(softmax(Λ kᵀ/√D) v), in any order
  /// of Λ; gradients treat Λ as constant. Λ follows from the reported positions, also after another
  /// Λ was injected.
  static let twoStage = Law(
    .twoStage, trials: 80, witness: "orthoformerGradientOfLandmarks",
    needs: [.orthoformer, .approximate],
    plan: ScenarioPlan(fills: .distinct, masks: .none, minimumLength: 2) { draft in
      [.tensor("cotangent", draft.output)]
    }
  ) { setting, trial in
    let part = try setting.part()
    var inputs = try setting.inputs()
    for (name, tensor) in inputs { inputs[name] = try tensor.clone().requireGrad() }
    let names = ["q", "k", "v"]
    let leaves = try names.map { try inputs.tensor($0) }
    let folded = try leaves.map { try $0.folded() }
    let output = try part.run(inputs)
    var positions = part.drawn
    guard let landmarks = try positions.removeValue(forKey: "landmarks")?.detached() else {
      throw KitError("an orthoformer attention must report its `landmarks`")
    }
    let count = try setting.landmarks
    trial.expect(
      landmarks.size(1) == count, label: "the number of landmarks",
      "\(landmarks.size(1)) landmarks, expected \(count)")
    let inner = try Elementary.weights(landmarks, folded[1]).matmul(folded[2])
    let expected = try Elementary.weights(folded[0], landmarks).matmul(inner)
      .reshaped(output.shape)
    try trial.equal(output, expected, .exact(), label: "two stages")

    let cotangent = try setting.extra("cotangent")
    let own = try output.gradients(of: leaves, cotangent: cotangent)
    let other = try expected.gradients(of: leaves, cotangent: cotangent)
    for (index, name) in names.enumerated() {
      guard let actual = own[index], let wanted = other[index] else {
        trial.fail(label: "a gradient", "`\(name)` has no gradient")
        continue
      }
      try trial.equal(actual, wanted, .exact(), label: "the gradient by \(name)")
    }
    try part.inject(["landmarks": landmarks.flipped(1)])
    try trial.equal(part.run(inputs), output, .exact(), label: "landmarks in another order")
    try part.inject(["landmarks": landmarks * 3])
    try part.inject(positions)
    try trial.unchanged(part.run(inputs), output, label: "the positions again")
  }
}
