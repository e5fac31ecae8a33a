internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U03: the letters of the signature bind, the output has exactly the documented shape and type,
  /// and a length of 1 does not broadcast silently.
  static let shapeContract = Law(
    .shapeContract, trials: 24, witness: "batchOneAccepted", dtypes: DType.floating,
    judging: ["sequence", "crossLength", "valueWidth"]
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let call = CallShape(part.signature, inputs)
    coverShapes(setting, &trial)
    let output = try part.run(inputs)
    try trial.expectShape(output, call, setting.dtype, label: "output")
    for input in call.present {
      for axes in input.alternatives {
        guard let tensor = inputs[input.name], let shape = call.shape(axes) else { continue }
        var changed = inputs
        changed[input.name] = try tensor.prefix(of: shape)
        try trial.expectShape(
          part.run(changed), call, setting.dtype,
          label: "\(input.name) as \(Signature.text(axes))")
      }
      try expectNoBroadcast(input, part, inputs, call, setting, &trial)
    }
    try expectNoMaskBroadcast(part, inputs, &trial)
  }

  private static func coverShapes(_ setting: Setting, _ trial: inout Trial) {
    let (lengths, claims) = (setting.scenario.lengths, setting.claims)
    // A configuration for only one length is drawn too rarely to meet every batch size.
    if claims.sequence.accepts(1), claims.sequence.accepts(2) {
      trial.cover(
        atLeast: 1, "one token in several items",
        lengths[.queryLength] == 1 && lengths[.batch] > 1)
    }
    trial.cover(atLeast: 1, "a batch of one", lengths[.batch] == 1)
    if claims.valueWidth == .free {
      trial.cover(
        atLeast: 1, "values wider or narrower than keys",
        lengths[.valueWidth] != lengths[.headWidth])
    }
  }

  /// An axis of length 1 is refused where its letter is longer, unless a broadcast batch is
  /// claimed.
  private static func expectNoBroadcast(
    _ input: Signature.Input, _ part: any PartModule, _ inputs: [String: Tensor],
    _ call: CallShape, _ setting: Setting, _ trial: inout Trial
  ) throws {
    guard let tensor = inputs[input.name] else { return }
    for (index, axis) in input.axes.enumerated()
    where tensor.size(index) > 1 && call.isBound(axis.letter) {
      var changed = inputs
      changed[input.name] = try tensor.slice(index, 0..<1)
      let label = "\(input.name) of length 1 along \(axis)"
      if setting.claims.batchBroadcast, index == CallShape.batchAxis(input.axes) {
        try trial.expectShape(part.run(changed), call, setting.dtype, label: label)
      } else {
        let wrong = WrongCall(
          label: label, inputs: changed, mistake: .shape, blamed: Set(call.present.map(\.name)))
        trial.refuses(wrong, by: part)
      }
    }
  }

  private static func expectNoMaskBroadcast(
    _ part: any PartModule, _ inputs: [String: Tensor], _ trial: inout Trial
  ) throws {
    for name in ["att_mask", "key_padding_mask"] {
      guard let mask = inputs[name] else { continue }
      for axis in (name == "att_mask" ? [-1, -2] : [-1]) where mask.size(axis) > 1 {
        var changed = inputs
        changed[name] = try mask.slice(axis, 0..<1)
        let label = "\(name) of length 1 along axis \(axis)"
        trial.refuses(
          WrongCall(label: label, inputs: changed, mistake: .mask, blamed: [name]), by: part)
      }
    }
  }
}

extension Trial {
  /// Checks the shape and type of an output.
  fileprivate mutating func expectShape(
    _ output: Tensor, _ call: CallShape, _ dtype: DType, label: String
  ) throws {
    let expected = call.output ?? []
    expect(
      output.shape == expected, label: "\(label) shape",
      "\(label): the shape is \(output.shape), expected \(Signature.text(call.signature.output)) = "
        + "\(expected)")
    expect(
      output.dtype == dtype, label: "\(label) type",
      "\(label): the output has type \(output.dtype), the inputs \(dtype)")
    observe(output: try XXH3.hash64(output.detached().bytes()))
  }
}

extension Tensor {
  /// The first index of each axis beyond the rank of a shape, or the same numbers in another shape.
  fileprivate func prefix(of shape: [Int]) throws -> Tensor {
    if count == shape.reduce(1, *) { return try reshaped(shape) }
    var result = self
    while result.rank > shape.count { result = try result.index(-1, 0) }
    return result
  }
}
