/// Adam with weight decay apart from the gradients.
///
/// [Loshchilov and Hutter, 2017](https://arxiv.org/abs/1711.05101). Per parameter, of a gradient g in
/// the t-th step that has one: p ← p − lr·decay·p, m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
/// p ← p − lr·m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε). Parameters of half precision are rounded from
/// copies in single precision, in which all of this is computed.
public final class AdamW {
  /// The factor of each change.
  public var learningRate: Double
  /// The shares of the averages of gradients and of their squares that a step keeps.
  public var betas: (first: Double, second: Double)
  /// What is added to the square root of the averaged squares.
  public var epsilon: Double
  /// The share of a parameter that a step takes away, times the learning rate.
  public var weightDecay: Double

  private let slots: [Slot]

  /// A parameter and what is remembered of its gradients.
  private struct Slot {
    let key: String
    let parameter: Parameter
    /// The copy in single precision of a parameter of half precision.
    let master: Tensor?
    let first: Tensor
    let second: Tensor
    /// The number of steps, a float32 of rank 0.
    let steps: Tensor

    init(_ key: String, _ parameter: Parameter) throws(TorchError) {
      // libtorch's kernel walks through memory, whatever the order of dimensions.
      if !parameter.value.isContiguous { try parameter.replace(parameter.value.contiguous()) }
      let (shape, dtype) = (parameter.value.shape, parameter.value.dtype)
      let wide: DType = dtype == .float64 ? .float64 : .float32
      self.key = key
      self.parameter = parameter
      master = dtype == wide ? nil : try parameter.value.detached().to(wide)
      first = try .zeros(shape, wide)
      second = try .zeros(shape, wide)
      steps = try .zeros([])
    }

    var state: [(key: String, value: Tensor)] {
      let own = [("first", first), ("second", second), ("steps", steps)]
      return (own + (master.map { [("master", $0)] } ?? [])).map { ("\($0).\(key)", $1) }
    }
  }

  /// Optimizes the parameters of a module.
  public init(
    _ module: Module, learningRate: Double, betas: (first: Double, second: Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) throws(TorchError) {
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    var slots: [Slot] = []
    for (key, parameter) in module.ownedParameters { slots.append(try Slot(key, parameter)) }
    self.slots = slots
  }

  /// Changes the parameters by their gradients; those without one stay as they are.
  public func step() throws(TorchError) {
    try withoutGrad { () throws(TorchError) in
      // libtorch's kernel takes tensors of one type in a call.
      for dtype in [DType.float32, .float64] { try step(dtype) }
    }
  }

  private func step(_ dtype: DType) throws(TorchError) {
    var (values, gradients, own): ([Tensor?], [Tensor?], [Slot]) = ([], [], [])
    for slot in slots where slot.first.dtype == dtype {
      guard let gradient = slot.parameter.value.grad else { continue }
      values.append(slot.master ?? slot.parameter.value)
      gradients.append(try slot.master == nil ? gradient : gradient.to(dtype))
      own.append(slot)
    }
    guard !own.isEmpty else { return }
    let counts = own.map(\.steps as (Slot) -> Tensor?)
    _ = try Operators.addToEach.all([.tensors(counts), .number(1)])
    _ = try Operators.fusedAdamW.all([
      .tensors(values), .tensors(gradients), .tensors(own.map(\.first)),
      .tensors(own.map(\.second)), .tensors([]), .tensors(counts),
      .number(learningRate), .number(betas.first), .number(betas.second), .number(weightDecay),
      .number(epsilon), .truth(false), .truth(false),
    ])
    for slot in own {
      if let master = slot.master { try slot.parameter.value.copy(from: master) }
    }
  }

  /// Removes all gradients.
  public func clearGradients() throws(TorchError) {
    for slot in slots { try slot.parameter.value.clearGrad() }
  }

  /// What the next step depends on besides the parameters and the options: `first.`, `second.`,
  /// `steps.` and maybe `master.` before the keys of parameters.
  public var state: [String: Tensor] {
    Dictionary(slots.flatMap(\.state).map { ($0.key, $0.value) }) { first, _ in first }
  }

  /// Goes on from a state.
  ///
  /// - Throws: `StateError` with all problems, before anything is changed.
  public func restore(_ state: [String: Tensor]) throws {
    let own = slots.flatMap(\.state)
    let keys = own.map(\.key)
    var problems: [StateError] = []
    for (key, value) in own {
      guard let given = state[key] else {
        problems.append(.missing(key: key))
        continue
      }
      if given.shape != value.shape {
        problems.append(.shape(key: key, expected: value.shape, got: given.shape))
      } else if !given.dtype.isFloating {
        problems.append(.dtype(key: key, got: given.dtype))
      }
    }
    problems += Set(state.keys).subtracting(keys).sorted().map { .unexpected(key: $0, known: keys) }
    if let error = StateError(problems) { throw error }
    try withoutGrad {
      for (key, value) in own { if let given = state[key] { try value.copy(from: given) } }
    }
  }
}
