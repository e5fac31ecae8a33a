internal import Parts
internal import Torch

/// A call of a part in float64 as a function of each of its tensors and parameters.
struct DifferentiableCall {
  private let part: any PartModule
  private let inputs: [String: Tensor]
  private let parameters: [String: Tensor]
  /// The names of what the part claims to be differentiable in; a parameter is `parameter key`.
  let names: [String]

  init(_ part: any PartModule, _ inputs: [String: Tensor], _ claims: Claims) throws {
    self.part = part
    self.inputs = inputs
    parameters = Dictionary(
      uniqueKeysWithValues: try part.parameters
        .filter { !claims.withoutGradient.contains($0.key) }
        .map { ("parameter \($0.key)", try $0.value.detached().clone()) })
    names =
      (inputs.filter { $0.value.dtype.isFloating && $0.key != "key_padding_mask" }.map(\.key)
      .filter { !claims.withoutGradient.contains($0) } + parameters.keys).sorted()
  }

  /// The value of a tensor or parameter.
  func value(_ name: String) throws -> Tensor {
    guard let value = inputs[name] ?? parameters[name] else {
      throw KitError("the call has no \(name)")
    }
    return value
  }

  /// Whether an element may be moved: a mask's −∞ stays.
  func isFree(_ name: String, _ index: Int) throws -> Bool {
    try value(name).doubles()[index].isFinite
  }

  /// A direction of length 1 along which the tensor may be moved; zeros stay.
  func direction(_ name: String, like given: Tensor) throws -> Tensor {
    let drawn = try given.filled(0, where: .!value(name).isFinite())
    let length = try (drawn * drawn).sum().item().squareRoot()
    return length > 0 ? try drawn * (1 / length) : drawn
  }

  /// The output, without history.
  func output() throws -> Tensor { try withoutGrad { try part.run(inputs) } }

  /// The products of each cotangent with the derivatives, by name; 0 where there is no dependence.
  func derivatives(_ cotangents: [Tensor]) throws -> [[String: Tensor]] {
    var leaves = inputs
    var sources: [(name: String, leaf: Tensor)] = []
    for name in names where inputs[name] != nil {
      let leaf = try value(name).clone().requireGrad()
      leaves[name] = leaf
      sources.append((name, leaf))
    }
    for (key, leaf) in part.parameters where parameters["parameter \(key)"] != nil {
      sources.append(("parameter \(key)", leaf))
    }
    return try cotangents.map { cotangent in
      let output = try withGrad(true) { try part.run(leaves) }
      guard output.requiresGrad else {
        return try Dictionary(
          uniqueKeysWithValues: sources.map { ($0.name, try Tensor.zeros($0.leaf.shape, .float64)) }
        )
      }
      let found = try output.gradients(of: sources.map(\.leaf), cotangent: cotangent)
      var named: [String: Tensor] = [:]
      for (source, gradient) in zip(sources, found) {
        named[source.name] = try gradient ?? Tensor.zeros(source.leaf.shape, .float64)
      }
      return named
    }
  }

  /// The slope of ⟨cotangent, output⟩ along a direction.
  func difference(_ name: String, along direction: Tensor, _ cotangent: Tensor) throws
    -> CentralDifference
  {
    try CentralDifference { try product(name, direction * $0, cotangent) }
  }

  /// ⟨cotangent, output⟩ with a tensor or parameter moved.
  private func product(_ name: String, _ step: Tensor, _ cotangent: Tensor) throws -> Double {
    try withoutGrad {
      if let input = inputs[name] {
        var moved = inputs
        moved[name] = try input + step
        return try (part.run(moved) * cotangent).sum().item()
      }
      let value = try self.value(name)
      let key = String(name.dropFirst("parameter ".count))
      try part.load([key: value + step], strict: false)
      let result = try (part.run(inputs) * cotangent).sum().item()
      try part.load([key: value], strict: false)
      return result
    }
  }
}
