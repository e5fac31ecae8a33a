internal import JSON
internal import Torch

// Squares leave the range of narrow types before numbers do; as part of the definition, rows are
// computed in double precision and rounded once.
extension NaiveForm {
  /// (x − μ) / √(σ² + ε) ⊙ weight + bias.
  static let layerNorm = NaiveForm("layernorm") { call in
    let x = try call.input("x")
    let centred = try x.to(.float64) - x.to(.float64).mean(-1, keep: true)
    return try (rows(centred, call, epsilon: 0.000_01) + call.parameter("bias")).to(x.dtype)
  }

  /// x / √(mean of x² + ε) ⊙ weight.
  static let rmsNorm = NaiveForm("rmsnorm") { call in
    let x = try call.input("x")
    return try rows(x.to(.float64), call, epsilon: 0.000_001).to(x.dtype)
  }

  /// x.
  static let identity = NaiveForm("identity") { call in try call.input("x") }

  private static func rows(_ x: Tensor, _ call: NaiveCall, epsilon: Double) throws -> Tensor {
    let square = try (x * x).mean(-1, keep: true) + (call.options["eps"]?.double ?? epsilon)
    return try x / square.sqrt() * call.parameter("weight")
  }
}
