internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U24: the parameters are those that are documented for the configuration, with their shapes, and
  /// a call uses each of them.
  static let parameterInventory = Law(
    .parameterInventory, trials: 16, witness: "hiddenWidthFixed", judging: ["parameters"]
  ) { setting, trial in
    let part = try setting.part()
    let documented = setting.claims.parameters
    let found = part.parameters
    let keys = found.map(\.key).sorted()
    trial.expect(
      keys == documented.keys.sorted(), label: "keys",
      "the parameters are \(keys), documented are \(documented.keys.sorted())")
    for (key, value) in found {
      guard let claim = documented[key] else { continue }
      trial.expect(
        value.shape == claim.shape, label: "shapes",
        "`\(key)` has the shape \(value.shape), documented is \(claim.shape)")
    }
    let used = found.filter { !setting.claims.withoutGradient.contains($0.key) }
    let output = try part.run(setting.inputs())
    trial.observe(output: try XXH3.hash64(output.detached().bytes()))
    guard output.requiresGrad, !used.isEmpty else {
      trial.expect(used.isEmpty, label: "used", "the call uses no parameter")
      return
    }
    let gradients = try output.gradients(
      of: used.map(\.value), cotangent: Tensor.ones(output.shape, output.dtype))
    for (entry, gradient) in zip(used, gradients) {
      trial.expect(gradient != nil, label: "used", "the call does not use `\(entry.key)`")
    }
  }
}
