internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U10: the gradient of every differentiable tensor and parameter equals the central difference,
  /// along random directions and, if small, entry by entry; it is linear in the cotangent.
  ///
  /// The draws of the call are fixed first: which tokens a part chooses is not a smooth function.
  static let gradientCheck = Law(
    .gradientCheck, trials: 20, witness: "gradNoRowSum",
    plan: ScenarioPlan(fills: .small) { draft in
      [.tensor("cotangent", draft.output), .tensor("second cotangent", draft.output)]
        + directions(draft, 3)
    }
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    _ = try part.run(inputs)
    try part.inject(part.drawn)
    let call = try DifferentiableCall(part, inputs, setting.claims)
    let output = try call.output()
    let cotangent = try setting.extra("cotangent")
    let derivatives = try call.derivatives([cotangent])[0]
    // Of many tensors, a trial checks some along one direction.
    let step = max(1, derivatives.count / many)
    let first = Int(setting.scenario.parameterSeed % UInt64(step))
    for (place, (name, derivative)) in derivatives.sorted(by: { $0.key < $1.key }).enumerated()
    where place % step == first {
      for number in 1...(step > 1 ? 1 : 3) {
        let direction = try call.direction(
          name, like: setting.extra("\(name), direction \(number)"))
        let difference = try call.difference(name, along: direction, cotangent)
        try trial.assume(difference.isSmooth)
        try trial.equal(
          (derivative * direction).sum(), Tensor([difference.slope], shape: []), .derivative,
          label: "\(name) in a direction")
      }
      if step == 1, try output.count * call.value(name).count <= 64 {
        try expectJacobian(call, name, output.shape, &trial)
      }
    }
    try expectLinear(call, cotangent, derivatives, setting.extra("second cotangent"), &trial)
  }

  /// The number of tensors of which a trial does not check all.
  private static let many = 12

  /// Directions for each tensor and parameter.
  static func directions(_ draft: Draft, _ count: Int) -> [Extra] {
    let without = draft.scenario.claims.withoutGradient
    let inputs = draft.scenario.inputs.filter { !without.contains($0.name) }
      .map { ($0.name, $0.recipe.shape) }
    let parameters = draft.part.parameters.filter { !without.contains($0.key) }
      .map { ("parameter \($0.key)", $0.value.shape) }
    let all = inputs + parameters
    return all.flatMap { name, shape in
      (1...(all.count / many > 1 ? 1 : count)).map { .tensor("\(name), direction \($0)", shape) }
    }
  }

  /// Checks each entry of the Jacobian of one tensor.
  private static func expectJacobian(
    _ call: DifferentiableCall, _ name: String, _ shape: [Int], _ trial: inout Trial
  ) throws {
    let rows = shape.reduce(1, *)
    let value = try call.value(name)
    let units = try (0..<rows).map { try Tensor.unit($0, shape) }
    let jacobian = try call.derivatives(units).map { try $0[name]?.doubles() ?? [] }
    for column in 0..<value.count where try call.isFree(name, column) {
      let direction = try Tensor.unit(column, value.shape)
      for row in 0..<rows {
        let difference = try call.difference(name, along: direction, units[row])
        try trial.assume(difference.isSmooth)
        try trial.equal(
          Tensor([jacobian[row][column]], shape: []), Tensor([difference.slope], shape: []),
          .derivative, label: "\(name), one entry")
      }
    }
  }

  /// Checks that the product with a cotangent is linear in it.
  private static func expectLinear(
    _ call: DifferentiableCall, _ first: Tensor, _ derivatives: [String: Tensor],
    _ second: Tensor, _ trial: inout Trial
  ) throws {
    let others = try call.derivatives([second, first * 2 - second * 0.5])
    for (name, derivative) in derivatives.sorted(by: { $0.key < $1.key }) {
      guard let other = others[0][name], let mixed = others[1][name] else { continue }
      let scale = try (derivative.abs() * 2 + other.abs()).maximum().item()
      try trial.equal(
        mixed, derivative * 2 - other * 0.5, .exact(condition: scale),
        label: "\(name), linear in the cotangent")
    }
  }
}

extension Tensor {
  /// Zeros with a one at a row-major index.
  fileprivate static func unit(_ index: Int, _ shape: [Int]) throws -> Tensor {
    var values = [Double](repeating: 0, count: shape.reduce(1, *))
    values[index] = 1
    return try Tensor(values, shape: shape)
  }
}
