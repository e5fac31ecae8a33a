import Foundation
import JSON
import Parts
import Synchronization
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
  case swallowsFactor, ignoresFactor
  case remembersLongest, sharesPlace, keepsOutputs
  case ignoresSeed, drawsUniform, shiftsAtFirst
  case addsParameter, narrowsWeight, ignoresShift

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
  /// Continues with any seed.
  private let stream = Generator(seed: 1)
  private var calls = 0
  private var longest = 0
  private var buffer: Tensor?
  private var outputs: [Tensor] = []
  private let place = Mutex<Tensor?>(nil)
  /// Other threads do not have that of the task.
  private let sharesPlace = Sabotage.current == .sharesPlace

  init(_ config: ScaleConfig, generator: Generator) throws {
    self.config = config
    let sabotage = Sabotage.current
    let shape = [sabotage == .narrowsWeight ? 1 : config.dimModel]
    let source = sabotage == .ignoresSeed ? Generator(seed: 1) : generator
    weight = try Parameter(
      sabotage == .drawsUniform
        ? Tensor.uniform(shape, 0..<1, generator: source)
        : Tensor.normal(shape, generator: source))
    let first = try Tensor.full(shape, sabotage == .shiftsAtFirst ? 1 : 0)
    shift = config.isShifted ? try Parameter(first) : nil
    hidden = try Tensor.normal([config.dimModel], generator: generator)
    super.init([
      "weight": weight, "shift": shift,
      "more": sabotage == .addsParameter ? try Parameter(first) : nil,
    ])
  }

  static func claims(for config: ScaleConfig) -> Claims {
    var claims = Claims()
    claims.tokenWise = true
    claims.nanIsolation = [.batchRow, .token]
    claims.memoryExponent = 1
    claims.parameters["weight"] = ParameterClaim([config.dimModel], .normal(deviation: 1))
    if config.isShifted { claims.parameters["shift"] = ParameterClaim([config.dimModel], .zero) }
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
    var output = try inputs * scale * (Sabotage.current == .ignoresFactor ? 2 : config.factor)
    if let shift, Sabotage.current != .ignoresShift { output = try output + shift.value }
    if sharesPlace {
      place.withLock { $0 = output }
      usleep(200)
      return place.withLock { $0 } ?? output
    }
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
    case .remembersLongest:
      longest = max(longest, inputs.size(1))
      return try output * Double(longest)
    case .keepsOutputs:
      outputs.append(output)
      return output
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
