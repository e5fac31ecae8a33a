internal import JSON
internal import Torch

extension NaiveForm {
  /// W₂ act(W₁ x + b₁) + b₂.
  static let mlp = NaiveForm("mlp") { call in
    func layer(_ x: Tensor, _ number: Int) throws -> Tensor {
      try Elementary.affine(x, "w\(number)", "b\(number)", call)
    }
    let hidden = try activated(layer(call.input("inputs"), 1), call.options["activation"]?.string)
    return try layer(call.dropping(hidden, at: "inside"), 2)
  }

  /// An activation by its name in configurations; without a name, the identity.
  ///
  /// - Throws: `KitError` for an unknown name.
  static func activated(_ x: Tensor, _ name: String?) throws -> Tensor {
    func positive() throws -> Tensor { try (x .> 0).select(x, else: x * 0) }
    switch name {
    case nil: return x
    case "relu": return try positive()
    case "leaky_relu": return try (x .> 0).select(x, else: x * 0.01)
    case "gelu": return try x * 0.5 * ((x * 0.5.squareRoot()).erf() + 1)
    case "squared_relu": return try positive() * positive()
    case "star_relu": return try positive() * positive() * 0.8944 - 0.4472
    case "smelu":
      let bend = try (x + 2) * (x + 2) / 8
      return try (x .> 2).select(x, else: (x .<= -2).select(x * 0, else: bend))
    case let other?: throw KitError("no formula for the activation `\(other)`")
    }
  }
}
