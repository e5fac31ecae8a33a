import JSON
import Parts
import Torch

/// What the part below does wrong, in the task that judges it.
enum Sabotage: CaseIterable {
  case nothing
  case broadcastsWidth, narrowsType
  case leavesErrorsToTorch, writesTwoLines, blamesAnother, acceptsAnyFactor
  case countsCalls, drawsWithoutSeed
  case writesInput, returnsInput, sharesBuffer, changesParameter
  case addsBatchMean, spreadsNaN
  case halvesDerivative, forgetsInput
  case hidesState
  case swallowsFactor

  @TaskLocal static var current = nothing
}

/// The options of the part below.
struct ScaleConfig: PartConfig {
  var dimModel: Int
  var factor = 2.0
  var isShifted = false

  static let sample = Self(dimModel: 4)
  static let required = ["dim_model"]
  static let domain: [String: OptionDomain] = [
    "dim_model": .equal(.modelWidth), "factor": .values([2, 3]),
  ]

  init(dimModel: Int) { self.dimModel = dimModel }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    dimModel = try values.decode(Int.self, forKey: .dimModel)
    let given = try values.decode(Double.self, forKey: .factor)
    if Sabotage.current != .swallowsFactor { factor = given }
    isShifted = try values.decode(Bool.self, forKey: .isShifted)
  }

  func validate() throws {
    try require(size: dimModel, "dim_model")
    guard Sabotage.current != .acceptsAnyFactor else { return }
    try require(factor > 0, "factor", "a number above 0", got: factor)
  }
}

/// Multiplies each channel by a weight and a factor, and shifts it on request; right unless
/// sabotaged.
final class ScalePart: Module, Feedforward {
  let config: ScaleConfig
  private let weight: Parameter
  private let shift: Parameter?
  private let hidden: Tensor
  /// Goes on whatever the seed.
  private let stream = Generator(seed: 1)
  private var calls = 0
  private var buffer: Tensor?

  init(_ config: ScaleConfig, generator: Generator) throws {
    self.config = config
    weight = try Parameter(Tensor.normal([config.dimModel], generator: generator))
    shift = config.isShifted ? try Parameter(Tensor.zeros([config.dimModel])) : nil
    hidden = try Tensor.normal([config.dimModel], generator: generator)
    super.init(["weight": weight, "shift": shift])
  }

  static func claims(for config: ScaleConfig) -> Claims {
    var claims = Claims()
    claims.tokenWise = true
    claims.nanIsolation = [.batchRow, .token]
    claims.memoryExponent = 1
    return claims
  }

  var signature: Signature {
    Signature(
      [.init("inputs", ["B", "S", "E"])], output: ["B", "S", "E"], fixed: ["E": config.dimModel])
  }

  func callAsFunction(_ inputs: Tensor) throws -> Tensor {
    try check(inputs)
    var scale = weight.value
    if Sabotage.current == .halvesDerivative { scale = try scale * 0.5 + scale.detached() * 0.5 }
    var output = try inputs * scale * config.factor
    if let shift { output = try output + shift.value }
    return try sabotaged(output, inputs)
  }

  private func check(_ inputs: Tensor) throws {
    switch Sabotage.current {
    case .leavesErrorsToTorch: return
    case .broadcastsWidth where inputs.rank == 3 && inputs.size(2) == 1: return
    case .writesTwoLines where inputs.rank != 3:
      throw PartError(.shape(tensor: "inputs", expected: "[B, S, E]\nor so", got: inputs.shape))
    case .blamesAnother where inputs.rank != 3:
      throw PartError(.shape(tensor: "inputs", expected: "[B, S, E]", got: [1, 2, 3]))
    default: try checkTokens(inputs, "inputs", width: config.dimModel)
    }
  }

  private func sabotaged(_ output: Tensor, _ inputs: Tensor) throws -> Tensor {
    switch Sabotage.current {
    case .narrowsType: return try output.to(.float32)
    case .countsCalls:
      calls += 1
      return try output + Double(calls)
    case .drawsWithoutSeed where isTraining:
      return try output + Tensor.uniform([1], 0..<1, output.dtype, generator: stream)
    case .writesInput:
      try inputs.copy(from: output)
      return output
    case .returnsInput: return inputs
    case .sharesBuffer:
      if let buffer, buffer.shape == output.shape {
        try buffer.copy(from: output)
      } else {
        buffer = try output.detached()
      }
      return buffer ?? output
    case .changesParameter:
      try weight.value.copy(from: weight.value * 1.5)
      return output
    case .addsBatchMean: return try output + inputs.mean(0, keep: true) * 1e-3
    case .spreadsNaN: return try output + inputs.sum() * 0
    case .forgetsInput: return try output - inputs + inputs.detached()
    case .hidesState: return try output + hidden.to(output.dtype)
    default: return output
    }
  }
}
