internal import Catalogue
public import Parts
public import Torch

/// A part after a recorded call.
public struct RecordedRun {
  /// The part as it was run, in evaluation mode.
  public let part: any PartModule
  /// `output`, and for a cotangent the gradients, under the names of a recorded file.
  public let results: [String: Tensor]
  /// The recorded parameters that have no effect in the part.
  public let dropped: [String]
}

extension RecordedCase {
  /// Builds the part, loads its state and runs it on the recorded tensors, in their type.
  ///
  /// - Throws: the error of the registry, the state or the part, with the names of the case's tensors.
  public func run(in registry: Registry) throws -> RecordedRun { try run(in: registry, seed: 0) }

  /// Runs the case; draws of the part that the case does not hold come from a seed.
  func run(in registry: Registry, seed: UInt64) throws -> RecordedRun {
    let part = try build(in: registry, Generator(seed: seed))
    if let dtype = try dtype(for: part) { try part.to(dtype) }
    if !state.isEmpty { try part.inject(state) }
    let dropped = try load(into: part)
    part.eval()
    var inputs = self.inputs
    for (name, tensor) in inputs where isDifferentiable(name, tensor) {
      inputs[name] = try tensor.detached().requireGrad()
    }
    let output = try call(part, inputs)
    var results = ["output": try output.detached()]
    if let cotangent {
      guard cotangent.shape == output.shape else {
        throw KitError(
          "\(file): `cotangent` has the shape \(cotangent.shape), but the output has \(output.shape)"
        )
      }
      try addGradients(output, cotangent, part, inputs, &results)
    }
    return RecordedRun(part: part, results: results, dropped: dropped)
  }

  /// The part; the name of a recorded model only names the case.
  private func build(in registry: Registry, _ generator: Generator) throws -> any PartModule {
    if kind == .model { return try registry.model(config, generator: generator) }
    return try registry.build(kind, part, config, generator: generator).part
  }

  /// The one type of all floating tensors that go in; nil if there are none.
  ///
  /// Loading would silently round parameters of another type. Constants keep their own type.
  private func dtype(for part: any PartModule) throws -> DType? {
    let constants = Set(part.buffers.filter(\.isConstant).map { "param.\($0.key)" })
    var given = [("cotangent", cotangent)].compactMap { name, tensor in tensor.map { (name, $0) } }
    for (group, tensors) in [("input", inputs), ("param", parameters), ("state", state)] {
      given += tensors.map { ("\(group).\($0.key)", $0.value) }
    }
    given = given.filter { $0.1.dtype.isFloating && !constants.contains($0.0) }
      .sorted { $0.0 < $1.0 }
    guard let (name, tensor) = given.first(where: { $0.0 != "cotangent" }) else { return nil }
    if let (other, odd) = given.first(where: { $0.1.dtype != tensor.dtype }) {
      throw KitError(
        "\(file): tensor `\(other)`: expected \(tensor.dtype), the type of `\(name)`, got \(odd.dtype)"
      )
    }
    return tensor.dtype
  }

  /// Loads the parameters, and returns those that have no effect.
  private func load(into part: any PartModule) throws -> [String] {
    do {
      let state = try parameters.merging(drawnBuffers(of: part)) { recorded, _ in recorded }
      return try (isOriginal ? part.load(original: state) : part.load(state)).dropped
    } catch let error as StateError {
      for case .missing(let key) in error.problems {
        guard let value = part.stateDict[key],
          try part.drawn.values.contains(where: { try $0.holdsSame(as: value) })
        else { continue }
        throw missingDraws(of: part)
      }
      throw KitError("\(file): \(error.renamingKeys { "param.\($0)" })")
    }
  }

  /// The recorded results, with derivatives by the parameters of a part.
  func results(for part: any PartModule) throws -> [String: Tensor] {
    let prefix = "grad.param."
    let own = results.filter { $0.key.hasPrefix(prefix) }
    guard isOriginal, !own.isEmpty else { return results }
    let derivatives = try part.converted(
      original: Dictionary(
        uniqueKeysWithValues: own.map { (String($0.key.dropFirst(prefix.count)), $0.value) }))
    return Dictionary(
      uniqueKeysWithValues: results.filter { own[$0.key] == nil }
        + derivatives.map { (prefix + $0.key, $0.value) })
  }

  /// The buffers of a part that already hold what was recorded as drawn: a framework may keep its
  /// draws outside the state of its part.
  private func drawnBuffers(of part: any PartModule) throws -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    for (key, value, isConstant) in part.buffers where parameters[key] == nil && !isConstant {
      if try state.values.contains(where: { try $0.holdsSame(as: value) }) { found[key] = value }
    }
    return found
  }

  /// The error about draws of a part that the case does not hold.
  func missingDraws(of part: any PartModule) -> KitError {
    func list(_ names: some Sequence<String>) -> String {
      let names = names.sorted().map { "state.\($0)" }
      return names.isEmpty ? "none" : names.joined(separator: ", ")
    }
    return KitError(
      "\(file): the output depends on random draws that the case does not hold: expected "
        + "\(list(part.drawn.keys)), got \(list(state.keys))")
  }

  /// Calls the part, with the case's names in its errors.
  private func call(_ part: any PartModule, _ inputs: [String: Tensor]) throws -> Tensor {
    do { return try part.run(inputs) } catch let error as PartError {
      let known =
        part.signature.inputs.map(\.name) + ["att_mask", "key_padding_mask"] + inputs.keys
      throw error.renamingTensors(
        Dictionary(known.map { ($0, "input.\($0)") }) { first, _ in first })
    }
  }

  private func isDifferentiable(_ name: String, _ tensor: Tensor) -> Bool {
    tensor.dtype.isFloating && name != "att_mask" && name != "key_padding_mask"
  }

  private func addGradients(
    _ output: Tensor, _ cotangent: Tensor, _ part: any PartModule, _ inputs: [String: Tensor],
    _ results: inout [String: Tensor]
  ) throws {
    var leaves: [(String, Tensor)] = []
    for (name, tensor) in inputs.sorted(by: { $0.key < $1.key })
    where isDifferentiable(name, tensor) {
      leaves.append(("grad.input.\(name)", tensor))
    }
    for (key, value) in part.parameters { leaves.append(("grad.param.\(key)", value)) }
    guard output.requiresGrad else { return }
    let found = try output.gradients(of: leaves.map(\.1), cotangent: cotangent.to(output.dtype))
    for ((name, leaf), gradient) in zip(leaves, found) {
      // A tensor that the output does not depend on has the gradient 0.
      results[name] = try gradient ?? Tensor.zeros(leaf.shape, leaf.dtype)
    }
  }
}

extension Tensor {
  /// Whether two tensors have the same shape and, in the type of the other, the same values.
  fileprivate func holdsSame(as other: Tensor) throws -> Bool {
    try shape == other.shape && to(other.dtype).equals(other).allTrue()
  }
}
