internal import JSON
public import Torch

/// Any model that a configuration describes.
public typealias Model = StackedModel<ModelConfig>

/// A model of stacks of equal layers: encoders, and maybe decoders that attend to what they made.
///
/// The configuration, the state's keys and, up to corrected errors, the values are those of the
/// original's factory, [xFormers](https://github.com/facebookresearch/xformers). Unlike there, the
/// last of several layers has the final normalization of the `pre` style, too, patches are made once
/// a stack, deepnorm's coefficients are those of the whole model, and an input mask hides keys.
///
/// - Shapes: `src` `[B, S, E]`, indices `[B, S]` for a vocabulary, or images for patches; `tgt` the
///   same for a decoder → `[B, S, E]` of the last stack.
public class StackedModel<Config: ModelOptions>: Module, ModelPart, CompositePart {
  /// The options.
  public let config: Config
  /// What the model promises, given its parts.
  public let claims: Claims
  /// How the keys of the configuration were used.
  public let report: BuildReport
  let plan: ModelPlan
  let encoder: ModelEncoder
  let decoders: [ModelLayer]

  /// Builds the stacks, then draws the initial values of their layers.
  ///
  /// - Throws: `PartError` with every problem of the configuration, and for a model that does not fit
  ///   in memory, before anything is allocated.
  public required convenience init(_ config: Config, registry: Registry, generator: Generator)
    throws
  {
    try self.init(
      config, ModelPlan(config, registry, under: "stack_configs"), registry, generator)
  }

  /// Builds what has been planned.
  init(_ config: Config, _ plan: ModelPlan, _ registry: Registry, _ generator: Generator) throws {
    self.config = config
    self.plan = plan
    report = plan.report
    encoder = try ModelEncoder(plan, registry, generator)
    let shared = config.tieEmbeddingWeights ? encoder.stem.position : nil
    decoders = try plan.layers(plan.decoders, sharing: shared, registry, generator)
    let members = encoder.members + [("decoders", decoders.isEmpty ? nil : Module(list: decoders))]
    let root = Module(members: members)
    var claims = Claims(of: root.partsInside(), root.residualsInside(), in: plan)
    let keys = decoders.indices.map { "decoders.\($0)" }
    let gains = encoder.gains.merging(zip(keys, decoders.map(\.initialGain))) { first, _ in first }
    try claims.initialize(root, config.weightInit, gains, generator)
    claims.definition = definition(encoder, decoders)
    claims.incremental =
      claims.incremental && decoders.allSatisfy { $0.cross?.takesQueriesApart ?? true }
    self.claims = claims
    super.init(members: members)
  }

  /// Whether all attentions of the encoder can hide keys that an input mask calls unreal.
  package var takesSourceMask: Bool {
    plan.encoders.allSatisfy { $0.attention.claims.masks.contains(.keyPadding) }
  }

  /// Encodes the source, and decodes the target if there are decoders.
  ///
  /// - Parameters:
  ///   - source: what the encoder reads.
  ///   - target: what the decoder reads; if nil, the source.
  ///   - sourceMask: which tokens of the source are real, `[B, S]`: Bool, or 1 and 0.
  ///   - targetMask: the same of the target.
  /// - Throws: `PartError` for tensors that do not fit, and for masks that a part cannot honour.
  public func callAsFunction(
    _ source: Tensor, _ target: Tensor? = nil, sourceMask: Tensor? = nil, targetMask: Tensor? = nil
  ) throws -> Tensor {
    try forward(source, target, sourceMask, targetMask, visit: nil)
  }

  private func forward(
    _ source: Tensor, _ target: Tensor?, _ sourceMask: Tensor?, _ targetMask: Tensor?,
    visit: PartVisit?
  ) throws -> Tensor {
    if let extra = decoders.isEmpty
      ? [("tgt", target), ("decoder_input_mask", targetMask)].first(where: { $0.1 != nil })?.0 : nil
    {
      throw error(.unsupported(feature: "`\(extra)`", reason: "the model has no decoder"))
    }
    let memory = try encoded(source, sourceMask, visit: visit)
    guard let first = decoders.first else { return memory.values }
    let target = target ?? source
    guard target.rank == 0 || source.rank == 0 || target.shape[0] == source.shape[0] else {
      throw error(
        .shape(
          tensor: "tgt", expected: "the batch of the source, B = \(source.shape[0])",
          got: target.shape))
    }
    var tokens = Tokens(target, isReal: try real(targetMask, "decoder_input_mask", target))
    try named("tgt", target, first.stem, width: plan.decoders[0].config.dimModel) {
      for layer in decoders { tokens = try layer(tokens, memory: memory, visit) }
    }
    return tokens.values
  }

  /// What the encoder makes of the source.
  func encoded(_ source: Tensor, _ mask: Tensor?, visit: PartVisit?) throws -> Tokens {
    let input = Tokens(source, isReal: try real(mask, "encoder_input_mask", source))
    return try named("src", source, encoder.stem, width: plan.encoders[0].config.dimModel) {
      try encoder(input, visit)
    }
  }

  /// The final normalization of a reversible encoder, which the original lacks.
  public override func converted(original state: [String: Tensor]) throws -> [String: Tensor] {
    let key = "rev_enc_norm."
    guard let norm = encoder.reversible?.finalNorm,
      !state.keys.contains(where: { $0.hasPrefix(key) })
    else { return try super.converted(original: state) }
    let added = norm.parameters.map { (key + $0.key, $0.value) }
    return try super.converted(original: state.merging(added) { given, _ in given })
  }

  /// Which tokens are real, Bool `[B, S]`; nil if there is no mask.
  private func real(_ mask: Tensor?, _ name: String, _ tokens: Tensor) throws -> Tensor? {
    guard let mask else { return nil }
    guard tokens.rank < 4, mask.shape == Array(tokens.shape.prefix(2)) else {
      throw error(
        .shape(
          tensor: name, expected: "[B, S] = \(Array(tokens.shape.prefix(2)))", got: mask.shape))
    }
    if mask.dtype == .bool { return mask }
    let isReal = try mask.equals(1)
    guard try (isReal .| mask.equals(0)).allTrue() else {
      throw error(
        .content(tensor: name, expected: "true and false, or 1 and 0", got: "other numbers"))
    }
    return isReal
  }

  /// Runs a body whose errors about the input of a stem get the input's name.
  func named<Result>(
    _ name: String, _ x: Tensor, _ stem: ModelStem, width: Int, _ body: () throws -> Result
  ) throws -> Result {
    let hasReader = stem.patch != nil || stem.position != nil
    if !hasReader { try checkTokens(x, name, width: width) }
    // The parts would name the tensors that they get.
    if x.dtype.isFloating { try checkState(x, name) }
    do { return try body() } catch let inner as PartError {
      let reader = stem.patch ?? stem.position
      guard let reader, inner.part == reader.errorTitle else { throw inner }
      throw PartError(
        inner.renamingTensors([reader.signature.inputs[0].name: name]).problem, part: errorTitle)
    }
  }
}

/// A part that is a whole model, which is called by name.
public protocol ModelPart: Part {}

// MARK: Contract

extension StackedModel {
  /// Those of a model that is built for them.
  public static func claims(for config: Config, registry: Registry) -> Claims {
    (try? Self(config, registry: registry, generator: Generator(seed: 0)))?.claims ?? Claims()
  }

  /// The source, and the target of a decoder.
  public var signature: Signature {
    let source = encoder.stem.input("src", plan.encoders[0].config.dimModel)
    var signature = Signature(
      [source.input], output: ["B", "S", "E"], fixed: source.fixed)
    guard let decoder = decoders.first else {
      let (length, rules) = plan.outputLength(encoder.stem)
      signature.output[1] = length
      signature.rules = rules
      signature.fixed["E"] = plan.encoders.last?.config.dimModel
      return signature
    }
    let target = decoder.stem.input("tgt", plan.decoders[0].config.dimModel, length: "T")
    signature.inputs.append(target.input)
    signature.output[1] = "T"
    signature.fixed["E"] = plan.decoders.last?.config.dimModel
    return signature
  }

  /// Runs the model on `src`, `tgt`, `encoder_input_mask` and `decoder_input_mask`.
  public func call(_ inputs: [String: Tensor]) throws -> Tensor {
    try call(inputs, visit: nil)
  }

  private func call(_ inputs: [String: Tensor], visit: PartVisit?) throws -> Tensor {
    let masks = ["encoder_input_mask", "decoder_input_mask"]
    let named = try NamedInputs(inputs.filter { !masks.contains($0.key) }, signature)
    return try forward(
      named.required("src"), decoders.isEmpty ? nil : named.required("tgt"), inputs[masks[0]],
      inputs[masks[1]], visit: visit)
  }

  /// The sum of those of all parts.
  public func auxiliaryLoss(_ inputs: [String: Tensor]) throws -> Tensor? {
    var sum: Tensor?
    _ = try call(inputs) { part, inputs in
      guard let loss = try part.auxiliaryLoss(inputs) else { return }
      sum = try sum.map { try $0 + loss } ?? loss
    }
    return sum
  }

  /// The draws of all parts, under the keys of the parts.
  public var drawn: [String: Tensor] {
    var all: [String: Tensor] = [:]
    for (key, part) in partsInside() {
      for (name, tensor) in part.drawn { all["\(key).\(name)"] = tensor }
    }
    return all
  }

  /// Passes draws to the parts whose keys they have.
  public func inject(_ drawn: [String: Tensor]) throws {
    var left = drawn
    for (key, part) in partsInside() {
      let own = left.filter { $0.key.hasPrefix("\(key).") }
      guard !own.isEmpty else { continue }
      for name in own.keys { left[name] = nil }
      let inner = Dictionary(
        uniqueKeysWithValues: own.map { (String($0.key.dropFirst(key.count + 1)), $0.value) })
      do { try part.inject(inner) } catch let inside as PartError {
        let names = Set(inner.keys).union(part.drawn.keys)
        let full = names.map { ("state.\($0)", "state.\(key).\($0)") }
        throw error(inside.renamingTensors(Dictionary(uniqueKeysWithValues: full)).problem)
      }
    }
    guard let name = left.keys.sorted().first else { return }
    throw error(
      .unknownTensor(tensor: "state.\(name)", known: self.drawn.keys.map { "state.\($0)" }))
  }

  /// As the parts say; in addition, where the factory of the original is wrong.
  public func reference(for inputs: [String: Tensor]) -> ReferenceClaim {
    var reasons = plan.deviations(encoder.hasFinalNorm, decoders.last?.finalNorm != nil)
    if inputs["encoder_input_mask"] != nil || inputs["decoder_input_mask"] != nil {
      reasons.append("the original multiplies keys and values by an input mask, and hides nothing")
    }
    _ = try? withoutGrad {
      try call(inputs) { part, inputs in
        if case .deviates(let reason) = part.reference(for: inputs), !reasons.contains(reason) {
          reasons.append(reason)
        }
      }
    }
    return reasons.isEmpty ? .matches : .deviates(reason: reasons.joined(separator: "; "))
  }
}
