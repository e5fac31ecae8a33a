internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U08: each tensor of a call and each cotangent may be a view, permuted, with steps, repeated or
  /// from the middle of its memory: the output and the derivatives are those of a packed copy.
  ///
  /// Products of matrices are added up in another order for another layout, so the tolerance is T2.
  /// A derivative that jumps there, as that of the largest of equal numbers does, is not compared.
  static let strideIndependence = Law(
    .strideIndependence, trials: 12, witness: "mlpViewAsPacked",
    plan: ScenarioPlan(fills: .small) { draft in
      [.tensor("cotangent", draft.output), .number("axis", below: 12)]
    }
  ) { setting, trial in
    let part = try setting.part()
    let drawn = part.drawn
    let inputs = try setting.inputs()
    let cotangent = try setting.extra("cotangent")
    let axis = try setting.number("axis")
    for (name, tensor) in inputs.sorted(by: { $0.key < $1.key }) {
      for (label, view) in try views(tensor, axis) {
        var (packed, viewed) = (inputs, inputs)
        packed[name] = try view.contiguous().clone()
        viewed[name] = view
        let tolerance = try trial.tolerance(setting, part, packed)
        let expected = try results(part, packed, name, cotangent)
        // Rounding may decide what is drawn from the tensors.
        try part.inject(part.drawn)
        for (actual, expected) in zip(try results(part, viewed, name, cotangent), expected) {
          if try !compare(actual.tensor, expected.tensor, tolerance).isEqual {
            try trial.assume(!jumps(part, packed, name, cotangent, tolerance))
          }
          try trial.equal(
            actual.tensor, expected.tensor, tolerance, label: "\(actual.label), \(label) \(name)")
        }
        try part.reseed(setting.scenario.parameterSeed)
        try part.inject(drawn)
      }
    }
    guard let name = inputs.filter({ $0.value.dtype.isFloating }).keys.sorted().first else {
      return
    }
    let tolerance = try trial.tolerance(setting, part, inputs)
    for (label, view) in try views(cotangent, axis) {
      let expected = try results(part, inputs, name, view.contiguous().clone())
      for (actual, expected) in zip(try results(part, inputs, name, view), expected) {
        try trial.equal(
          actual.tensor, expected.tensor, tolerance, label: "\(actual.label), \(label) cotangent")
      }
    }
  }

  /// The output and, for numbers, the derivative by a tensor that keeps its layout.
  private static func results(
    _ part: any PartModule, _ inputs: [String: Tensor], _ name: String, _ cotangent: Tensor
  ) throws -> [(label: String, tensor: Tensor)] {
    var leaves = inputs
    guard let tensor = inputs[name], tensor.dtype.isFloating, name != "key_padding_mask" else {
      return [("the output", try part.run(inputs))]
    }
    let leaf = try tensor.detached().requireGrad()
    leaves[name] = leaf
    let output = try part.run(leaves)
    guard output.requiresGrad else { return [("the output", output)] }
    let derivative = try output.gradients(of: [leaf], cotangent: cotangent)[0]
    return [("the output", try output.detached())]
      + (derivative.map { [("the derivative", $0)] } ?? [])
  }

  /// Whether the derivative by a tensor changes when its numbers move by far less than a tolerance.
  private static func jumps(
    _ part: any PartModule, _ inputs: [String: Tensor], _ name: String, _ cotangent: Tensor,
    _ tolerance: Tolerance
  ) throws -> Bool {
    guard let tensor = inputs[name], tensor.dtype == .float64 else { return false }
    let generator = Generator(seed: 0)
    let derivatives = try (0..<8).map { _ in
      let step = try Tensor.normal(tensor.shape, tensor.dtype, generator: generator)
      var moved = inputs
      moved[name] = try tensor + step * (tensor.abs() + 1) * Threshold.minuteMove
      return try results(part, moved, name, cotangent)
    }
    return try derivatives.dropFirst().contains { nearby in
      try zip(nearby, derivatives[0]).contains {
        try !compare($0.tensor, $1.tensor, tolerance).isEqual
      }
    }
  }

  /// Tensors of one shape in other layouts of memory.
  private static func views(_ x: Tensor, _ number: Int) throws -> [(label: String, tensor: Tensor)]
  {
    let order = Array((0..<x.rank).reversed())
    let axis = number % x.rank
    let (shape, last) = (x.shape, x.rank - 1)
    let stepped = try Tensor.stack([x, x.flipped(last)], axis + 1).reshaped(
      shape[..<axis] + [2 * shape[axis]] + shape[(axis + 1)...])
    let length = shape[0]
    return [
      ("permuted", try x.permuted(order).contiguous().permuted(order)),
      ("stepped", try stepped.slice(axis, 0..<2 * shape[axis], step: 2)),
      ("repeated", try x.slice(axis, 0..<1).expanded(shape)),
      ("offset", try Tensor.cat([x.flipped(last), x], 0).slice(0, length..<2 * length)),
    ]
  }
}
