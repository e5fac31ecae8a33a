public import Parts
public import Torch

/// The definitions in elementary tensor operations, by which rounding is measured.
public struct NaiveBook: Sendable {
  private var table: [String: NaiveForm]

  /// The zoo's forms.
  public static let zoo = NaiveBook([
    .scaledDotProduct, .local, .slidingWindow, .global, .random, .blocksparse, .linformer, .nystrom,
    .orthoformer, .lambda, .favor, .linear, .compositional, .fourierMix, .pooling, .visual,
    .multihead, .mlp, .gatedLinearUnit, .convMLP, .mixtureOfExperts, .sine, .learnable, .vocab,
    .rotary, .alibi, .t5Relative, .layerNorm, .rmsNorm, .identity, .simplicial, .patchConvolution,
    .residual, .reversible, .model,
  ])

  private init(_ forms: [NaiveForm]) {
    table = Dictionary(forms.map { ($0.definition, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Adds forms of another package.
  ///
  /// - Throws: `KitError` when a definition has one already.
  public mutating func add(_ forms: [NaiveForm]) throws {
    for form in forms {
      guard table[form.definition] == nil else {
        throw KitError("the definition `\(form.definition)` has a naive form already")
      }
      table[form.definition] = form
    }
  }

  /// The form of a definition.
  ///
  /// - Throws: `KitError` when it has none.
  public func form(_ definition: String) throws -> NaiveForm {
    guard let form = table[definition] else {
      throw KitError(Self.reason(definition))
    }
    return form
  }

  /// Why a definition cannot be evaluated, such as `no naive form of mine in the kit`, or nil if it can.
  public func obstacle(_ definition: Definition) -> String? {
    guard let form = table[definition.oracle] else { return Self.reason(definition.oracle) }
    return form.wraps(definition.options).first { table[$0] == nil }.map(Self.reason)
  }

  /// The oracles by which a definition is computed, its own first.
  func oracles(of definition: Definition) -> [String] {
    [definition.oracle] + (table[definition.oracle]?.wraps(definition.options) ?? [])
  }

  private static func reason(_ definition: String) -> String {
    "no naive form of \(definition) in the kit"
  }

  /// What a part's definition gives in elementary operations at the type of its parameters and
  /// inputs.
  ///
  /// - `dropped`: what elements are multiplied by in training, by the site of dropout.
  /// - `widened`: in float64 instead.
  /// - Throws: `KitError` when the part claims no definition or it has no form.
  public func evaluate(
    _ part: any PartModule, _ inputs: [String: Tensor], dropped: [String: Tensor] = [:],
    widened: Bool = false
  ) throws -> Tensor {
    var (form, call) = try call(part, inputs, widened: widened)
    call.dropped = dropped
    return try withoutGrad { try form.evaluate(call) }
  }

  /// The derivatives of ⟨cotangent, output⟩ that autograd finds of a part's definition, by the names
  /// of its inputs and, as `parameter KEY`, the keys of its parameters.
  func derivatives(_ part: any PartModule, _ inputs: [String: Tensor], _ cotangent: Tensor) throws
    -> [String: Tensor]
  {
    var (form, call) = try call(part, inputs)
    call.inputs = try call.inputs.mapValues { try $0.requireGrad() }
    call.parameters = try call.parameters.mapValues { try $0.clone().requireGrad() }
    let keys = part.claims.definition?.parameters ?? [:]
    let leaves =
      call.inputs.map { ($0.key, $0.value) }
      + call.parameters.map { ("parameter \(keys[$0.key] ?? $0.key)", $0.value) }
    let found = try form.evaluate(call).gradients(of: leaves.map(\.1), cotangent: cotangent)
    return try Dictionary(
      uniqueKeysWithValues: zip(leaves, found).map { leaf, derivative in
        (leaf.0, try derivative ?? Tensor.zeros(leaf.1.shape, leaf.1.dtype))
      })
  }

  /// How much a part's definition amplifies errors in float64; 1 where that is not known.
  public func condition(_ part: any PartModule, _ inputs: [String: Tensor]) throws -> Double {
    guard let definition = part.claims.definition, obstacle(definition) == nil else { return 1 }
    let (form, call) = try call(part, inputs, widened: true)
    return try withoutGrad { try form.condition(call) }
  }

  /// Whether a part's definition leaves a choice between equals to rounding.
  func hasTies(_ part: any PartModule, _ inputs: [String: Tensor]) throws -> Bool {
    guard let definition = part.claims.definition, obstacle(definition) == nil else { return false }
    let (form, call) = try call(part, inputs, widened: true)
    return try withoutGrad { try form.hasTies(call) }
  }

  /// How far the elementary form at the type of the inputs is from itself in float64: the most on
  /// four inputs whose numbers are up to two roundings off the given ones, where it is finite.
  public func rounding(
    _ part: any PartModule, _ inputs: [String: Tensor], unit: Double, seed: UInt64
  ) throws -> Double {
    let generator = Generator(seed: seed)
    var largest = 0.0
    for _ in 0..<4 {
      var moved = inputs
      // Sorted, so that a seed gives the same numbers in every process.
      for (name, tensor) in inputs.sorted(by: { $0.key < $1.key }) where tensor.dtype.isFloating {
        moved[name] = try nudged(tensor.to(.float64), by: 2 * unit, generator).to(tensor.dtype)
      }
      let (form, narrow) = try call(part, moved)
      let (_, wide) = try call(part, moved, widened: true)
      let error = try withoutGrad {
        try (form.evaluate(narrow).to(.float64) - form.evaluate(wide)).abs().maximum().item()
      }
      if error.isFinite { largest = max(largest, error) }
    }
    return largest
  }

  /// Numbers that are larger or smaller by a share, at random.
  private func nudged(_ tensor: Tensor, by share: Double, _ generator: Generator) throws -> Tensor {
    guard tensor.dtype.isFloating else { return tensor }
    let signs = try Tensor.full(tensor.shape, 0.5, .float64).bernoulli(0.5, generator: generator)
    return try tensor * (signs * (2 * share) + (1 - share))
  }

  /// How far the definition, in float64, moves when each number it is given moves by a unit
  /// roundoff, up or down at random: the most in sixteen attempts.
  ///
  /// No computation in that type can avoid the effect of one rounding of the input.
  public func spread(
    _ part: any PartModule, _ inputs: [String: Tensor], unit: Double, seed: UInt64
  ) throws -> Double {
    let (form, call) = try call(part, inputs, widened: true)
    let generator = Generator(seed: seed)
    return try withoutGrad {
      let exact = try form.evaluate(call)
      var largest = 0.0
      for _ in 0..<16 {
        var moved = call
        // Sorted, so that a seed gives the same numbers in every process.
        for (name, tensor) in call.inputs.sorted(by: { $0.key < $1.key }) {
          moved.inputs[name] = try nudged(tensor, by: unit, generator)
        }
        for (name, tensor) in call.parameters.sorted(by: { $0.key < $1.key }) {
          moved.parameters[name] = try nudged(tensor, by: unit, generator)
        }
        largest = max(largest, try (form.evaluate(moved) - exact).abs().maximum().item())
      }
      return largest
    }
  }

  private func call(
    _ part: any PartModule, _ inputs: [String: Tensor], widened: Bool = false
  ) throws -> (NaiveForm, NaiveCall) {
    guard let definition = part.claims.definition else {
      throw KitError("the part claims no definition")
    }
    let state = part.stateDict
    func wide(_ tensor: Tensor) throws -> Tensor {
      widened && tensor.dtype.isFloating ? try tensor.to(.float64) : tensor
    }
    let parameters = try definition.parameters.mapValues { key -> Tensor in
      guard let value = state[key] else {
        throw KitError("the definition \(definition.oracle) needs the parameter `\(key)`")
      }
      return try wide(value.detached())
    }
    return (
      try form(definition.oracle),
      NaiveCall(
        options: definition.options, inputs: try inputs.mapValues { try wide($0.detached()) },
        parameters: parameters, drawn: try part.drawn.mapValues(wide), book: self)
    )
  }
}
