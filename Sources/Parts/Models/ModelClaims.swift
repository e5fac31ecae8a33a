internal import JSON
internal import Torch

extension Module {
  /// The outermost parts inside, with their keys; those around sublayers of code are seen through, and
  /// a shared part is listed once.
  func partsInside() -> [(key: String, part: any PartModule)] {
    var seen: Set<ObjectIdentifier> = []
    return partsInside(&seen)
  }

  private func partsInside(_ seen: inout Set<ObjectIdentifier>) -> [(
    key: String, part: any PartModule
  )] {
    var parts: [(key: String, part: any PartModule)] = []
    for (key, child) in children {
      if let part = child as? any PartModule, !(child is any Residual || child is any Reversible) {
        if seen.insert(ObjectIdentifier(child)).inserted { parts.append((key, part)) }
      } else {
        parts += child.partsInside(&seen).map { ("\(key).\($0.key)", $0.part) }
      }
    }
    return parts
  }

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
      for (name, parameter) in own.parameters { parameters["\(key).\(name)"] = parameter }
      for name in own.withoutGradient where own.parameters[name] != nil {
        withoutGradient.insert("\(key).\(name)")
      }
      if part.dropouts.contains(where: { $0.rate > 0 }) {
        sites += own.dropout.sites.map { "\(key).\($0)" }
      }
    }
    for (key, residual) in residuals {
      let keys = Set(residual.stateKeys)
      for (name, parameter) in residual.claims.parameters where keys.contains(name) {
        let full = "\(key).\(name)"
        if parameters[full] == nil { parameters[full] = parameter }
      }
    }
    if !sites.isEmpty { dropout = .within(key: "stack_configs", sites: sites) }
    sequence = plan.sequence
    crossLength = !plan.decoders.isEmpty
    let attentions = plan.encoders.map(\.attention.claims)
    if plan.decoders.isEmpty, attentions.allSatisfy({ $0.causal == .always }) { causal = .always }
    incremental = plan.isIncremental
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
      let isScaled = !["q_proj", "k_proj", "embedding_projector", "patch_emb"].contains {
        key.contains($0)
      }
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

extension SequenceClaim {
  /// The lengths that both accept, as far as a claim can say it.
  fileprivate func and(_ other: Self) -> Self {
    switch (self, other) {
    case (.any, let only), (let only, .any): only
    case (.atMost(let a), .atMost(let b)): .atMost(min(a, b))
    case (.squaredFrom(let a), .squaredFrom(let b)): .squaredFrom(max(a, b))
    case (.squared, .squaredFrom): other
    default: self
    }
  }

  /// The lengths to which a number of tokens is added.
  fileprivate func less(_ extra: Int) -> Self {
    switch self {
    case .atMost(let longest): .atMost(longest - extra)
    case .exactly(let only): .exactly(only - extra)
    default: self
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
  func input(_ name: String, _ width: Int, length: Signature.Axis = "S") -> (
    input: Signature.Input, fixed: [String: Int]
  ) {
    guard let reader = patch ?? position else {
      return (Signature.Input(name, ["B", length, "E"]), ["E": width])
    }
    let own = reader.signature
    // The width of what is read may differ from that of the output.
    var letters: [String: Signature.Axis] = projection == nil ? [:] : ["E": "F"]
    letters["S"] = length
    func renamed(_ axes: [Signature.Axis]) -> [Signature.Axis] {
      axes.map { letters[$0.letter] ?? $0 }
    }
    var fixed: [String: Int] = [:]
    for (letter, length) in own.fixed { fixed[letters[letter]?.letter ?? letter] = length }
    let first = own.inputs[0]
    let input = Signature.Input(
      name, renamed(first.axes), element: first.element,
      alternatives: first.alternatives.map(renamed))
    return (input, fixed)
  }
}

extension ModelPlan.Part {
  /// The number of patches that a patch embedding makes of so many tokens.
  fileprivate func windows(on letter: String) -> Signature.Rule {
    func size(_ key: String) -> Int { options[key]?.int ?? 0 }
    return .windows(
      on: letter, width: size("kernel_size"), stride: size("stride"), padding: size("padding"))
  }
}

extension ModelPlan {
  /// The lengths of sources that all stacks accept.
  fileprivate var sequence: SequenceClaim {
    guard encoders.contains(where: { $0.patch != nil }) else {
      let position = encoders.first?.position?.claims.sequence ?? .any
      let extra = encoders.first?.position?.options["add_class_token"]?.bool == true ? 1 : 0
      return (encoders + decoders).flatMap(\.inEachLayer).reduce(position) {
        $0.and($1.claims.sequence.less(extra))
      }
    }
    // Longer squares leave longer squares.
    let side = (1...1 << 10).first { accepts(side: $0) }
    return .squaredFrom(side ?? 1)
  }

  /// Whether tokens can be computed one after another: every attention between them goes on from a
  /// cache, and all else but a decoder's attention to its memory computes each token on its own.
  fileprivate var isIncremental: Bool {
    let stacks = decoders.isEmpty ? encoders : decoders
    let position = stacks.first?.position?.claims.incremental ?? true
    return position && (isReversible ? !decoders.isEmpty : true)
      && stacks.allSatisfy { stack in
        stack.patch == nil && stack.attention.claims.incremental
          && [stack.feedforward, stack.normalization, stack.simplicial].compactMap(\.self)
            .allSatisfy(\.claims.tokenWise)
      }
  }

  /// Whether all stacks accept the cells of a square grid.
  private func accepts(side: Int) -> Bool {
    var length = side * side
    for (number, stack) in encoders.enumerated() {
      if let patch = stack.patch {
        guard patch.claims.sequence.accepts(length) else { return false }
        let signature = Signature([], output: [], rules: ["P": patch.windows(on: "S")])
        length = signature.length(of: "P") { _ in length } ?? 0
      }
      let position = number == 0 ? stack.position : nil
      for part in [position].compactMap(\.self) + stack.inEachLayer {
        guard part.claims.sequence.accepts(length) else { return false }
      }
    }
    return true
  }

  /// The axis of the tokens that an encoder gives, and the rules of all lengths.
  func outputLength(_ stem: ModelStem) -> (Signature.Axis, [String: Signature.Rule]) {
    var (letter, rules) = ("S", [String: Signature.Rule]())
    for (number, stack) in encoders.enumerated() {
      guard let patch = stack.patch else { continue }
      let next = "P\(number)"
      rules[next] = patch.windows(on: letter)
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
