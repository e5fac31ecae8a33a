public import Parts
public import Torch

/// What a part made of a recorded call.
public struct RecordedRun {
  /// The part as it was run, in evaluation mode.
  public let part: any PartModule
  /// `output`, and for a cotangent the gradients, under the names of a recorded file.
  public let results: [String: Tensor]
  /// The recorded parameters that the part has no use for.
  public let dropped: [String]
}

extension RecordedCase {
  /// Builds the part, loads its state and runs it on the recorded tensors, in their type.
  ///
  /// - Throws: what the registry, the state or the part has to say of the case.
  public func run(in registry: Registry) throws -> RecordedRun {
    let part = try registry.build(kind, part, config, generator: Generator(seed: 0)).part
    if let dtype = (parameters.merging(inputs) { own, _ in own }).sorted(by: { $0.key < $1.key })
      .first(where: { $0.value.dtype.isFloating })?.value.dtype
    {
      try part.to(dtype)
    }
    if !state.isEmpty { try part.inject(state) }
    let dropped = try part.load(
      parameters.merging(drawnBuffers(of: part)) { recorded, _ in recorded }
    ).dropped
    part.eval()
    var inputs = self.inputs
    for (name, tensor) in inputs where isDifferentiable(name, tensor) {
      inputs[name] = try tensor.detached().requireGrad()
    }
    let output = try part.run(inputs)
    var results = ["output": try output.detached()]
    if let cotangent {
      guard cotangent.shape == output.shape else {
        throw KitError(
          "\(file): the cotangent has the shape \(cotangent.shape), the output \(output.shape)")
      }
      try addGradients(output, cotangent, part, inputs, &results)
    }
    return RecordedRun(part: part, results: results, dropped: dropped)
  }

  /// The buffers of a part that hold, by now, what was recorded as drawn: a framework may keep its
  /// draws outside the state of its part.
  private func drawnBuffers(of part: any PartModule) throws -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    for (key, value, isConstant) in part.buffers where parameters[key] == nil && !isConstant {
      let isDrawn = try state.values.contains { drawn in
        try drawn.shape == value.shape && drawn.to(value.dtype).equals(value).allTrue()
      }
      if isDrawn { found[key] = value }
    }
    return found
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
      // What the output does not depend on has the gradient 0.
      results[name] = try gradient ?? Tensor.zeros(leaf.shape, leaf.dtype)
    }
  }
}
