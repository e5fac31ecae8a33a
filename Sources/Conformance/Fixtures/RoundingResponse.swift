internal import Foundation
internal import Parts
internal import Properties
internal import Torch

/// How the output of an oracle changes when each of its inputs is changed by a rounding error.
///
/// Every part rounds at least once; what the oracle makes of that is not the part's fault.
struct RoundingResponse {
  /// The largest change of the output.
  let change: Double
  /// The largest output.
  let scale: Double
  /// The rounding error, relative to each number.
  let unit: Double

  /// T3, with sixteen such errors in place of those of the elementary computation: in the zoo, parts
  /// are off by up to fourteen.
  var tolerance: Tolerance { .rounding(naive: 16 * change, unit: unit, scale: scale) }

  /// Changes each element of the tensors of a call, and of the part's parameters, up or down.
  init(
    _ part: any PartModule, _ inputs: [String: Tensor], _ oracles: OracleBook, unit: Double,
    seed: UInt64 = 0
  ) throws {
    self.unit = unit
    let expected = try oracles.evaluate(part, inputs)
    scale = try expected.abs().maximum().item()
    let given = try Dictionary(part.parameters.map { ($0.key, $0.value) }) { first, _ in first }
      .mapValues { try $0.detached().clone() }
    var change = 0.0
    for attempt in 1...3 {
      func moved(_ name: String, _ tensor: Tensor) throws -> Tensor {
        let signs = try TensorRecipe(
          shape: tensor.shape, element: .boolean, fill: .mask(.random(0.5)),
          seed: XXH3.hash64("\(attempt) \(name) \(seed)") & 0xFFFF_FFFF)
        let factors = try Tensor(
          signs.values().map { 1 + (2 * $0 - 1) * unit }, shape: tensor.shape)
        return try tensor.detached().to(.float64) * factors
      }
      var changed = inputs
      for (name, tensor) in inputs where tensor.dtype.isFloating {
        changed[name] = try moved(name, tensor)
      }
      try part.load(
        given.reduce(into: [:]) { $0[$1.key] = try moved($1.key, $1.value) }, strict: false)
      let other = try oracles.evaluate(part, changed)
      change = max(change, try (other - expected).abs().maximum().item())
    }
    self.change = change
    try part.load(given, strict: false)
  }
}
