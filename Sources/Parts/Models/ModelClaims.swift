internal import JSON
internal import Torch

extension Module {
  /// The outermost parts inside, with their keys; a residual is seen through, and a shared part is
  /// listed once.
  func partsInside() -> [(key: String, part: any PartModule)] {
    var seen: Set<ObjectIdentifier> = []
    return partsInside(&seen)
  }

  private func partsInside(_ seen: inout Set<ObjectIdentifier>) -> [(
    key: String, part: any PartModule
  )] {
    var parts: [(key: String, part: any PartModule)] = []
    for (key, child) in children {
      if let part = child as? any PartModule, !(child is any Residual) {
        if seen.insert(ObjectIdentifier(child)).inserted { parts.append((key, part)) }
      } else {
        parts += child.partsInside(&seen).map { ("\(key).\($0.key)", $0.part) }
      }
    }
    return parts
  }
}

extension Module {
  /// The residuals inside, with their keys.
  func residualsInside() -> [(key: String, part: any Residual)] {
    children.flatMap { key, child -> [(key: String, part: any Residual)] in
      if let residual = child as? any Residual { return [(key, residual)] }
      return child.residualsInside().map { ("\(key).\($0.key)", $0.part) }
    }
  }
}

extension Claims {
  /// Those of a model of parts.
  init(
    of parts: [(key: String, part: any PartModule)],
    _ residuals: [(key: String, part: any Residual)], in plan: ModelPlan
  ) {
    self.init()
    nanIsolation = [.batchRow]
    memoryExponent = 1
    var sites: [String] = []
    for (key, part) in parts {
      let own = part.claims
      dtypes.formIntersection(own.dtypes)
      batchIndependent = batchIndependent && own.batchIndependent
      nanIsolation.formIntersection(own.nanIsolation)
      memoryExponent = max(memoryExponent, own.memoryExponent)
      evalDeterminism = evalDeterminism.weaker(own.evalDeterminism)
      redrawsInTraining = [redrawsInTraining, own.redrawsInTraining].compactMap(\.self).min()
      if sequence == .any { sequence = own.sequence }
      for (name, parameter) in own.parameters { parameters["\(key).\(name)"] = parameter }
      for name in own.withoutGradient where own.parameters[name] != nil {
        withoutGradient.insert("\(key).\(name)")
      }
      if own.dropout != .none { sites += own.dropout.sites.map { "\(key).\($0)" } }
    }
    for (key, residual) in residuals {
      for (name, parameter) in residual.claims.parameters where residual.stateDict[name] != nil {
        let full = "\(key).\(name)"
        if parameters[full] == nil { parameters[full] = parameter }
      }
    }
    if !sites.isEmpty { dropout = .within(key: "stack_configs", sites: sites) }
    let attentions = plan.encoders.map(\.attention.claims)
    if plan.decoders.isEmpty, attentions.allSatisfy({ $0.causal == .always }) { causal = .always }
  }

  /// Draws the initial values that a model chooses for linear layers and convolutions.
  ///
  /// - `gains`: what multiplies the values of each layer, by the layer's key.
  mutating func initialize(
    _ root: Module, _ scheme: WeightInit, _ gains: [String: Double], _ generator: Generator
  ) throws {
    root.addProjections(to: &parameters)
    var drawn: [String: Tensor] = [:]
    for key in parameters.keys.sorted() {
      guard let weight = parameters[key], weight.layer != nil else { continue }
      let layer = key.split(separator: ".").prefix(2).joined(separator: ".")
      let isInFeedforward = key.contains(".wrap_ff.") || key.contains(".g.net.")
      let isScaled = !["q_proj", "k_proj", "embedding_projector", "patch_emb"].contains { key.contains($0) }
      let gain = isScaled ? gains[layer] ?? 1 : 1
      guard
        let initial = scheme.initial(weight, isInFeedforward: isInFeedforward, gain: gain)
      else { continue }
      let offset = key.dropLast("weight".count) + "bias"
      for (key, initial) in [(key, initial.weight), (String(offset), initial.bias)] {
        guard let shape = parameters[key]?.shape else { continue }
        parameters[key]?.initial = initial
        drawn[key] = try initial.draw(shape, generator)
      }
    }
    try root.load(drawn, strict: false)
  }
}

extension Module {
  /// Adds the claims of linear layers that belong to no part.
  fileprivate func addProjections(to claims: inout [String: ParameterClaim], prefix: String = "") {
    for (key, child) in children where !(child is any PartModule) {
      if let linear = child as? Linear {
        let shape = linear.weight.value.shape
        claims.addLinear(prefix + key, shape[1], shape[0], bias: linear.bias != nil)
      } else {
        child.addProjections(to: &claims, prefix: "\(prefix)\(key).")
      }
    }
  }
}

extension DeterminismClaim {
  /// The one of two that promises less.
  fileprivate func weaker(_ other: Self) -> Self {
    switch (self, other) {
    case (.pure, let less), (let less, .pure): less
    case (.redraws(let a), .redraws(let b)): .redraws(every: min(a, b))
    default: .seeded
    }
  }
}

extension ModelStem {
  /// Without anything, in layers that are not the first of their stack.
  init() { (patch, position, projection) = (nil, nil, nil) }

  /// The tensor that the stem reads, under a name, and the lengths that the options determine.
  func input(_ name: String, _ width: Int, isOptional: Bool = false) -> (
    input: Signature.Input, fixed: [String: Int]
  ) {
    guard let reader = patch ?? position else {
      return (Signature.Input(name, ["B", "S", "E"], isOptional: isOptional), ["E": width])
    }
    let own = reader.signature
    // The width of what is read may differ from that of the output.
    let letters: [String: Signature.Axis] = projection == nil ? [:] : ["E": "F"]
    func renamed(_ axes: [Signature.Axis]) -> [Signature.Axis] {
      axes.map { letters[$0.letter] ?? $0 }
    }
    var fixed: [String: Int] = [:]
    for (letter, length) in own.fixed { fixed[letters[letter]?.letter ?? letter] = length }
    let first = own.inputs[0]
    let input = Signature.Input(
      name, renamed(first.axes), element: first.element, isOptional: isOptional,
      alternatives: first.alternatives.map(renamed))
    return (input, fixed)
  }
}

extension ModelPlan {
  /// The axis of the tokens that an encoder gives, and the rules of all lengths.
  func outputLength(_ stem: ModelStem) -> (Signature.Axis, [String: Signature.Rule]) {
    var (letter, rules) = ("S", [String: Signature.Rule]())
    for (number, stack) in encoders.enumerated() {
      guard let patch = stack.patch else { continue }
      func size(_ key: String) -> Int { patch.options[key]?.int ?? 0 }
      let next = "P\(number)"
      rules[next] = .windows(
        on: letter, width: size("kernel_size"), stride: size("stride"), padding: size("padding"))
      letter = next
    }
    if !rules.isEmpty { (rules["X"], rules["Y"]) = (.side(of: "S"), .side(of: "S")) }
    let extra = stem.position?.signature.output.dropFirst().first?.extra ?? 0
    return (Signature.Axis(stringLiteral: "\(letter)+\(extra)"), rules)
  }

  /// In which ways the factory of the original is wrong for this model.
  func deviations(_ encoderIsNormed: Bool, _ decoderIsNormed: Bool) -> [String] {
    var reasons: [String] = []
    let hasDecoder = !decoders.isEmpty
    func norms(_ stacks: [Stack], _ isNormed: Bool, isOriginal: Bool) {
      guard let last = stacks.last, last.style.name == "pre" else { return }
      let original = isOriginal && last.config.numLayers == 1 && !last.config.reversible
      if original != isNormed, last.normalization.entry.name != "skip" {
        reasons.append(
          original
            ? "the original has a final normalization"
            : "the original lacks the final normalization unless one layer is the last stack")
      }
    }
    norms(encoders, encoderIsNormed, isOriginal: !hasDecoder)
    norms(decoders, decoderIsNormed, isOriginal: true)
    if (encoders + decoders).contains(where: { $0.style.name == "deepnorm" }),
      hasDecoder || encoders.count > 1
    {
      reasons.append("the original counts the layers of one stack for the weights of deepnorm")
    }
    if encoders.contains(where: { $0.patch != nil && $0.config.numLayers > 1 }) {
      reasons.append("the original makes patches in every layer")
    }
    if let last = encoders.last, last.simplicial != nil, last.config.numLayers > 1 {
      reasons.append("the original embeds on simplices only where one layer is the last stack")
    }
    return reasons.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
