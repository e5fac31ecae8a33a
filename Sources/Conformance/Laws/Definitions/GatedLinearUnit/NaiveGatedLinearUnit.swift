internal import JSON
internal import Torch

extension NaiveForm {
  /// W₃ (act(W₁ x + b₁) ⊙ (W₂ x + b₂)) + b₃.
  static let gatedLinearUnit = NaiveForm("gated_linear_unit") { call in
    func layer(_ x: Tensor, _ number: Int) throws -> Tensor {
      try Elementary.affine(x, "w\(number)", "b\(number)", call)
    }
    let x = try call.input("inputs")
    let gate = try layer(x, 1)
    let share: Tensor =
      switch call.options["activation"]?.string {
      case "silu": try ((gate * -1).exp() + 1).power(-1)
      case "gelu": try ((gate * 0.5.squareRoot()).erf() + 1) * 0.5
      case "relu": try (gate .> 0).to(gate.dtype)
      case let other: throw KitError("no formula for the gate `\(other ?? "")`")
      }
    return try layer(call.dropping(gate * share * layer(x, 2), at: "inside"), 3)
  }
}
