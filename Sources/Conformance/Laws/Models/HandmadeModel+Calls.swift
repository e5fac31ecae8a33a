internal import Parts
internal import Torch

extension HandmadeModel {
  /// The memory of a decoder, or what an encoder gives.
  func memory(_ source: Tensor, isReal: Tensor? = nil) throws -> Tensor {
    guard isReversible else {
      return try encoders.reduce((source, isReal)) { try $1.map($0.0, $0.1, self) }.0
    }
    let (start, isReal) = try encoders[0].stem(source, isReal)
    var (first, second) = (start, start)
    for layer in encoders {
      first =
        try first
        + layer.apply(
          layer.attention, [second, second, second], isReal, self, isAdded: false)
      second = try second + layer.apply(layer.feedforward, [first], nil, self, isAdded: false)
    }
    return try encoders[encoders.count - 1].tail((first + second) / 2)
  }

  /// The output for the tensors of a call.
  func run(_ inputs: [String: Tensor]) throws -> Tensor {
    let memory = try memory(inputs.tensor("src"), isReal: inputs["encoder_input_mask"])
    return try decoders.isEmpty ? memory : decoded(inputs, memory: memory)
  }

  /// The sum of the auxiliary losses of the sublayers for what they get; nil if they have none.
  func auxiliaryLoss(_ inputs: [String: Tensor]) throws -> Tensor? {
    var losses: [Tensor] = []
    var visited = self
    visited.visit = { part, inputs in
      if let loss = try part.auxiliaryLoss(inputs) { losses.append(loss) }
    }
    _ = try visited.run(inputs)
    return losses.isEmpty ? nil : try Tensor.stack(losses, 0).sum()
  }

  /// What the decoders make of a target and a memory.
  func decoded(_ inputs: [String: Tensor], memory: Tensor) throws -> Tensor {
    let isReal = inputs["encoder_input_mask"]
    return try decoders.reduce((inputs.tensor("tgt"), inputs["decoder_input_mask"])) {
      try $1.map($0.0, $0.1, self, memory: (memory, isReal))
    }.0
  }
}

extension HandmadeModel.Layer {
  fileprivate func stem(_ x: Tensor, _ isReal: Tensor?) throws -> (Tensor, Tensor?) {
    var (x, isReal) = (x, isReal)
    if let patch { x = try patch(x) }
    if let position {
      x = try position(x)
      if let given = isReal {
        let front = try Tensor.full([x.size(0), x.size(1) - given.size(1)], 1, .bool)
        isReal = try Tensor.cat([front, given], 1)
      }
    }
    if let projection { x = try x.matmul(projection.weight.transposed()) + projection.bias }
    return (x, isReal)
  }

  fileprivate func tail(_ x: Tensor) throws -> Tensor {
    let normed = try finalNorm.map { try $0(x) } ?? x
    return try simplicial.map { try $0(normed) } ?? normed
  }

  /// A sublayer with its normalization, and by default with the sum of its residual.
  fileprivate func apply(
    _ branch: HandmadeModel.Branch, _ inputs: [Tensor], _ isReal: Tensor?, _ model: HandmadeModel,
    isAdded: Bool = true
  ) throws -> Tensor {
    let isFirst = style == "pre"
    let inner = isFirst ? try inputs.map { try branch.norm($0) } : inputs
    let named = branch.sublayer.named(inner, isReal)
    try model.visit(branch.sublayer.part, named)
    var output =
      try model.isLeftOut(branch.sublayer.role) ? inner[0] * 0 : branch.sublayer.part.run(named)
    if isAdded { output = try inputs[0] * weight + output }
    return isFirst ? output : try branch.norm(output)
  }

  fileprivate func map(
    _ x: Tensor, _ isReal: Tensor?, _ model: HandmadeModel,
    memory: (values: Tensor, isReal: Tensor?)? = nil
  ) throws -> (Tensor, Tensor?) {
    var (x, isReal) = try stem(x, isReal)
    x = try apply(attention, [x, x, x], isReal, model)
    if let cross, let memory {
      x = try apply(cross, [x, memory.values, memory.values], memory.isReal, model)
    }
    return try (tail(apply(feedforward, [x], nil, model)), isReal)
  }
}
