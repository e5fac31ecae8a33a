internal import JSON
internal import Parts
internal import Properties
internal import Torch

/// An axis and those of its values that the law can use.
struct UsableAxis: Sendable {
  let axis: OptionAxis
  let values: [OptionAxis.Value]
}

extension ScenarioPlan {
  /// The axes with the values that occur in accepted configurations: near the sample, or one value
  /// away from a usable one that is.
  ///
  /// With an assumption only the former, since any configuration that is left will do.
  func usableAxes(
    _ subject: Subject, _ isUsable: (Claims) -> Bool, assuming assumption: Assumption?
  ) -> [UsableAxis] {
    let usable = subject.candidates.filter { isUsable($0.claims) }
    return subject.options.enumerated().map { index, axis in
      if case .option(axis.name, let value) = assumption?.among {
        return UsableAxis(axis: axis, values: [OptionAxis.Value(value)])
      }
      if !dropout, subject.dropoutKeys.contains(axis.name) {
        return UsableAxis(axis: axis, values: [OptionAxis.Value(0.0)])
      }
      let seen = Set(usable.map { $0.choices[index] ?? 0 })
      let values = axis.values.enumerated().filter { offset, value in
        seen.contains(offset)
          || assumption == nil
            && usable.prefix(4).contains { candidate in
              let config = OptionAxis.setting(
                value.resolve(.reference), at: axis.path[...], in: candidate.config)
              return (try? subject.claims(config, .reference)).map(isUsable) ?? false
            }
      }.map(\.element)
      return UsableAxis(axis: axis, values: values.isEmpty ? axis.values : values)
    }
  }

  /// Lengths that are mostly small primes and pairwise distinct, so that a wrong axis shows.
  func drawLengths(_ source: inout Source) throws(Rejected) -> Lengths {
    // Shrinking ends at the first: short lengths, which may be equal.
    let shape = try source.stratum(
      "shape", values: ["any", "distinct", "one token, several items", "one item", "long"])
    let allowed = shape == 0 ? [1, 2, 3, 5] : shape == 3 && minimumBatch <= 1 ? [1] : [2, 3, 5]
    let batches = allowed.filter { $0 >= minimumBatch }
    let tokens = shape == 4 ? [11, 13] : [1, 2, 3, 5, 7]
    let lengths = (shape == 2 ? [1] : tokens).filter { $0 >= minimumLength }
    var table: [Dimension: Int] = [:]
    var taken: Set<Int> = []
    func draw(_ dimension: Dimension, _ list: [Int]) throws(Rejected) {
      let free = shape == 0 ? list : list.filter { !taken.contains($0) }
      let choices = free.isEmpty ? list : free
      let value = choices[try source.alternative(choices.map { _ in 1 })]
      table[dimension] = value
      taken.insert(value)
    }
    try draw(.batch, batches)
    try draw(.queryLength, lengths.isEmpty ? [minimumLength] : lengths)
    try draw(.keyLength, [1, 2, 3, 5, 7, 11].filter { $0 >= minimumLength })
    try draw(.heads, [1, 2, 3])
    try draw(.headWidth, [2, 4, 3, 5, 8])
    // A fused kernel needs values as wide as keys.
    let isSame = try source.stratum("value width", values: ["own", "as keys"]) == 1
    try draw(.valueWidth, isSame ? [table[.headWidth] ?? 1] : [3, 2, 4, 5])
    table[.modelWidth] = (table[.heads] ?? 1) * (table[.headWidth] ?? 1)
    return Lengths(table)
  }

  /// A configuration and its claims; lengths that the claims forbid are changed to fit.
  func drawConfig(
    _ source: inout Source, _ subject: Subject, _ axes: [UsableAxis], _ lengths: inout Lengths,
    _ isUsable: @Sendable (Claims) -> Bool, assuming assumption: Assumption? = nil
  ) throws(Rejected) -> (JSON, claims: Claims) {
    var choices: [Int] = []
    for usable in axes {
      choices.append(
        usable.values.count > 1
          ? try source.stratum(usable.axis.name, values: usable.values.map(\.label)) : 0)
    }
    for _ in 0..<4 {
      let found = Self.valid(subject, axes, choices, lengths)
      if let found {
        let claims = assumption?.added(to: found.claims) ?? found.claims
        guard fit(&lengths, to: claims) else { continue }
        if isUsable(found.claims) { return found }
      } else if lengths[.headWidth] % 2 == 1 {
        // On its own, an option can only refuse widths; anything else is up to another option.
        lengths[.headWidth] += 1
        lengths[.modelWidth] = lengths[.heads] * lengths[.headWidth]
        continue
      }
      let nearby = Self.varied(axes, choices) { varied in
        guard let other = Self.valid(subject, axes, varied, lengths) else { return false }
        return found == nil || isUsable(other.claims)
      }
      guard let nearby else { throw Rejected() }
      choices = nearby
    }
    throw Rejected()
  }

  /// The choices with one of them replaced by any other value of its axis, where that helps.
  private static func varied(
    _ axes: [UsableAxis], _ choices: [Int], where helps: ([Int]) -> Bool
  ) -> [Int]? {
    for index in axes.indices {
      for value in axes[index].values.indices where value != choices[index] {
        var other = choices
        other[index] = value
        if helps(other) { return other }
      }
    }
    return nil
  }

  /// The configuration that was chosen, or one near it that is valid.
  private static func valid(
    _ subject: Subject, _ axes: [UsableAxis], _ choices: [Int], _ lengths: Lengths
  ) -> (JSON, claims: Claims)? {
    let config = config(subject, axes, choices, lengths)
    if let claims = try? subject.claims(config, lengths) { return (config, claims) }
    return repaired(subject, axes, choices, lengths)
  }

  /// The configuration with one number moved by one, where that makes it valid: an odd window.
  private static func repaired(
    _ subject: Subject, _ axes: [UsableAxis], _ choices: [Int], _ lengths: Lengths
  ) -> (JSON, claims: Claims)? {
    let config = config(subject, axes, choices, lengths)
    // A key with one value follows the lengths, so that tensors and masks have them, too.
    for (usable, choice) in zip(axes, choices) where usable.axis.values.count > 1 {
      guard let number = usable.values[choice].resolve(lengths).int else { continue }
      let moved = OptionAxis.setting(.integer(number + 1), at: usable.axis.path[...], in: config)
      if let claims = try? subject.claims(moved, lengths) { return (moved, claims) }
    }
    return nil
  }

  private static func config(
    _ subject: Subject, _ axes: [UsableAxis], _ choices: [Int], _ lengths: Lengths
  ) -> JSON {
    var config = OptionAxis.config(subject.entry, [], [:], lengths)
    for (usable, choice) in zip(axes, choices) {
      config = OptionAxis.setting(
        usable.values[choice].resolve(lengths), at: usable.axis.path[...], in: config)
    }
    return config
  }

  /// Makes lengths fit; says whether they did already, since options may depend on them.
  func fit(_ lengths: inout Lengths, to claims: Claims) -> Bool {
    let before = lengths
    if sameLength || !claims.crossLength || claims.causal == .always {
      lengths[.keyLength] = lengths[.queryLength]
    }
    if claims.valueWidth == .same { lengths[.valueWidth] = lengths[.headWidth] }
    for dimension in [Dimension.queryLength, .keyLength]
    where !claims.sequence.accepts(lengths[dimension]) {
      if case .exactly(let only) = claims.sequence {
        lengths[dimension] = only
        continue
      }
      if let least = claims.sequence.leastSide {
        // Grids of several sides, which few of the lengths drawn are.
        let side = max(least, min(lengths[dimension], 5))
        lengths[dimension] = side * side
        continue
      }
      lengths[dimension] =
        (1...25).last { claims.sequence.accepts($0) && $0 <= lengths[dimension] }
        ?? (1...25).first(where: claims.sequence.accepts) ?? lengths[dimension]
    }
    return lengths == before
  }

  /// The inputs that a call gives: once an optional one is left out, so are those after it.
  func drawOptionalInputs(_ source: inout Source, _ signature: Signature) throws(Rejected)
    -> [Signature.Input]
  {
    var given: [Signature.Input] = []
    for input in signature.inputs {
      if input.isOptional, try source.boolean(0.3) { break }
      given.append(input)
    }
    return given
  }

  func drawInputs(
    _ source: inout Source, _ given: [Signature.Input], _ signature: Signature,
    _ lengths: Lengths, _ dtype: DType
  ) throws(Rejected) -> [Scenario.Input] {
    var inputs: [Scenario.Input] = []
    for input in given {
      let shape = lengths.shape(of: input.axes, signature)
      switch input.element {
      case .floating:
        let recipe = try source.tensor(shape, element: ElementKind(dtype), fills: fills)
        inputs.append(Scenario.Input(name: input.name, recipe: recipe, element: .floating))
      case .index(let bound):
        let recipe = try source.tensor(
          shape, element: .f64, fills: .only(.integers, .heavyTail, .iota))
        inputs.append(
          Scenario.Input(name: input.name, recipe: recipe, element: .index(below: bound)))
      }
    }
    return inputs
  }

  func drawMasks(
    _ source: inout Source, _ claims: Claims, _ lengths: Lengths, _ signature: Signature
  ) throws(Rejected) -> [Scenario.Input] {
    var kinds = MaskKind.allCases.filter(claims.masks.contains)
    var mayBeAbsent = true
    switch masks {
    case .none: return []
    case .sometimes: break
    case .always(let chosen):
      kinds = kinds.filter(chosen.contains)
      mayBeAbsent = false
    }
    guard !kinds.isEmpty else { return [] }
    let words = (mayBeAbsent ? ["none"] : []) + kinds.map(\.rawValue)
    var index = try source.stratum("mask", values: words)
    if mayBeAbsent {
      if index == 0 { return [] }
      index -= 1
    }
    let fills: FillSet = emptyRows ? .masksWithEmptyRows : .masks(rows: .neverEmpty)
    // The batch of the masks is that of the call, whichever input has it.
    let (batch, heads) = (lengths[.batch], lengths[.heads])
    let pair = [lengths[.queryLength], lengths[.keyLength]]
    let padding = ("key_padding_mask", [batch, lengths[.keyLength]])
    var drawn: [Scenario.Input]
    switch kinds[index] {
    case .boolean2D: drawn = [try mask("att_mask", pair, fills, &source)]
    case .boolean3D:
      let perHead = try source.boolean(0.3)
      drawn = [try mask("att_mask", (perHead ? [batch, heads] : [batch]) + pair, fills, &source)]
    case .keyPadding: return [try mask(padding.0, padding.1, fills, &source)]
    case .additive:
      let shape = try source.boolean(0.5) ? [batch] + pair : pair
      let visible = try mask("att_mask", shape, fills, &source)
      let bias = try source.tensor(shape, element: .f64, fills: .only(.normal, .uniform, .zeros))
      drawn = [
        Scenario.Input(name: visible.name, recipe: visible.recipe, element: .additive(bias: bias))
      ]
    }
    // Two masks may leave a row empty, even if neither alone does.
    if emptyRows, kinds.contains(.keyPadding), try source.boolean(0.3) {
      drawn.append(try mask(padding.0, padding.1, fills, &source))
    }
    return drawn
  }

  private func mask(
    _ name: String, _ shape: [Int], _ fills: FillSet, _ source: inout Source
  ) throws(Rejected) -> Scenario.Input {
    let recipe = try source.tensor(shape, element: .boolean, fills: fills)
    return Scenario.Input(name: name, recipe: recipe, element: .truth)
  }
}

extension ElementKind {
  /// The kind of a floating type.
  init(_ dtype: DType) {
    switch dtype {
    case .float32: self = .f32
    case .bfloat16: self = .bf16
    case .float16: self = .f16
    default: self = .f64
    }
  }
}
