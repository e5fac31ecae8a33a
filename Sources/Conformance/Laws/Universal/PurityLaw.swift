internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U06: a forward and a backward pass leave inputs, masks, options and parameters unchanged, and
  /// the output shares no memory with them.
  ///
  /// For a part that redraws in training, the draws are fixed first.
  static let purity = Law(
    .purity, trials: 24, witness: "queryScaledInPlace", dtypes: DType.floating
  ) { setting, trial in
    let part = try setting.part()
    for isTraining in [false, true] {
      if isTraining { part.train() }
      try part.reseed(setting.scenario.parameterSeed)
      if isTraining, setting.claims.redrawsInTraining != nil { try part.inject(part.drawn) }
      try expectPure(part, setting, isTraining ? "training" : "evaluation", &trial)
    }
  }

  private static func expectPure(
    _ part: any PartModule, _ setting: Setting, _ mode: String, _ trial: inout Trial
  ) throws {
    var inputs = try setting.inputs()
    for (name, tensor) in inputs where tensor.dtype.isFloating {
      inputs[name] = try tensor.clone().requireGrad()
    }
    let given = try inputs.mapValues { try $0.detached().clone() }
    let state = try part.stateDict.mapValues { try $0.detached().clone() }
    let options = try part.options

    let output = try part.run(inputs)
    for (name, tensor) in inputs {
      trial.expect(
        !output.sharesStorage(with: tensor), label: "memory of an input",
        "\(mode): the output shares memory with \(name)")
    }
    for (key, tensor) in part.stateDict {
      trial.expect(
        !output.sharesStorage(with: tensor), label: "memory of a parameter",
        "\(mode): the output shares memory with \(key)")
    }
    try expectUnchanged(inputs, given, "\(mode), forward", &trial)
    try expectUnchanged(part.stateDict, state, "\(mode), forward, parameter", &trial)

    let before = try output.detached().clone()
    if output.requiresGrad {
      let cotangent = try Tensor.ones(output.shape, output.dtype)
      try output.backward(cotangent)
      try trial.unchanged(
        cotangent, Tensor.ones(output.shape, output.dtype), label: "\(mode): the cotangent")
      for (_, parameter) in part.parameters { try parameter.clearGrad() }
    }
    try expectUnchanged(inputs, given, "\(mode), backward", &trial)
    try expectUnchanged(part.stateDict, state, "\(mode), backward, parameter", &trial)

    // A buffer shared between calls would be overwritten by the next one.
    var others = inputs
    for (name, tensor) in inputs where tensor.dtype.isFloating && !name.hasSuffix("_mask") {
      others[name] = try tensor.detached() * 0.5 + 1
    }
    _ = try part.run(others)
    try trial.unchanged(output, before, label: "\(mode): an output after the next call")
    let after = try part.options
    trial.expect(
      after == options, label: "the options",
      "\(mode): the options changed from \(options) to \(after)")
  }

  private static func expectUnchanged(
    _ tensors: [String: Tensor], _ before: [String: Tensor], _ what: String, _ trial: inout Trial
  ) throws {
    let names = tensors.keys.sorted()
    trial.expect(
      names == before.keys.sorted(), label: "\(what): names",
      "\(what): the names changed from \(before.keys.sorted()) to \(names)")
    for name in names {
      guard let tensor = tensors[name], let old = before[name] else { continue }
      try trial.unchanged(tensor, old, label: "\(what): \(name)")
    }
  }
}
