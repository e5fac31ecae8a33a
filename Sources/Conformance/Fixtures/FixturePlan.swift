internal import Catalogue
internal import JSON
internal import Oracles
internal import Parts
internal import Properties
internal import Synchronization
internal import Torch

/// Derives the cases of a part from its options, so that it also works for unknown parts.
///
/// The default configuration; each option away from its default, together with another one if it would
/// have no effect alone; all options away at once; each supported mask, with the default and with all
/// options away; a call without its optional tensors; one with each other form of a tensor; and a single
/// token.
struct FixturePlan {
  private let subject: Subject
  private var found: [DeclaredFixture] = []
  private var names: Set<String> = []

  /// Pairwise distinct lengths, so that a wrong axis shows.
  private static let lengths = Lengths([
    .batch: 2, .queryLength: 5, .keyLength: 7, .heads: 3, .headWidth: 4, .valueWidth: 6,
    .modelWidth: 12,
  ])

  /// One token, several items.
  private static let oneToken = Lengths([
    .batch: 2, .queryLength: 1, .keyLength: 1, .heads: 3, .headWidth: 4, .valueWidth: 6,
    .modelWidth: 12,
  ])

  /// The cases that a part declares; none without an oracle.
  ///
  /// - Throws: `KitError` if the part accepts no configuration, or a source is missing.
  static func cases(of subject: Subject) throws -> [DeclaredFixture] {
    if let known = subject.site.declared.withLock({ $0 }) { return known }
    var plan = FixturePlan(subject: subject)
    try plan.derive()
    subject.site.declared.withLock { $0 = plan.found }
    return plan.found
  }

  private init(subject: Subject) { self.subject = subject }

  // MARK: Cases

  private mutating func derive() throws {
    let start = try draft([:], Self.lengths)
    guard start.claims.definition != nil else { return }
    let plain = try add("default", start)
    // An option without effect needs no case.
    for (axis, option) in subject.options.enumerated()
    where !subject.entry.inert.contains(option.name) {
      for value in option.values.indices where !isDefault(value, of: option) {
        guard let alone = try? draft([axis: value], Self.lengths) else { continue }
        try add("\(option.name)-\(option.values[value].label)", telling(alone, axis, from: plain))
      }
    }
    let away = try everythingAway()
    if away.choices.count > 1 { try add("all-options", away) }
    for kind in MaskKind.allCases {
      if start.claims.masks.contains(kind) { try add("mask-\(kind.rawValue)", start, mask: kind) }
      if away.choices.count > 1, away.claims.masks.contains(kind) {
        try add("all-options-mask-\(kind.rawValue)", away, mask: kind)
      }
    }
    if start.signature.inputs.contains(where: \.isOptional) {
      var lengths = start.lengths
      lengths[.keyLength] = lengths[.queryLength]
      try add("required-inputs", draft([:], lengths), optional: false)
    }
    for input in start.signature.inputs {
      for form in input.alternatives {
        try add("\(input.name)-of-rank-\(form.count)", start, forms: [input.name: form])
      }
    }
    if let single = oneToken() { try add("one-token", single) }
  }

  @discardableResult
  private mutating func add(
    _ name: String, _ draft: Draft, mask: MaskKind? = nil, optional: Bool = true,
    forms: [String: [Signature.Axis]] = [:]
  ) throws -> DeclaredFixture {
    var unique = Self.fileName(name)
    var number = 2
    while !names.insert(unique).inserted {
      unique = "\(Self.fileName(name))-\(number)"
      number += 1
    }
    let fixture = try declare(draft, unique, mask: mask, optional: optional, forms: forms)
    found.append(fixture)
    return fixture
  }

  /// The draft, or one with a second option away if the first has no effect alone.
  private func telling(_ alone: Draft, _ axis: Int, from plain: DeclaredFixture) -> Draft {
    guard alone.claims.definition != plain.definition, alone.lengths == plain.scenario.lengths,
      !differs(alone, from: plain)
    else { return alone }
    for (other, option) in subject.options.enumerated() where other != axis {
      for value in option.values.indices where !isDefault(value, of: option) {
        guard let base = try? draft([other: value], Self.lengths),
          let both = try? draft(alone.choices.merging([other: value]) { $1 }, base.lengths),
          both.lengths == base.lengths,
          let before = try? declare(base, plain.id.name, mask: nil, optional: true)
        else { continue }
        if differs(both, from: before) { return both }
      }
    }
    return alone
  }

  /// Whether the oracle gives another output for the same tensors; false if it gives none.
  private func differs(_ draft: Draft, from other: DeclaredFixture) -> Bool {
    guard let own = try? declare(draft, other.id.name, mask: nil, optional: true).make(subject),
      let before = try? other.make(subject)
    else { return false }
    return own.output != before.output
  }

  /// The default configuration for one token, or the first with one option away that accepts it.
  private func oneToken() -> Draft? {
    func accepted(_ choices: [Int: Int]) -> Draft? {
      // Lengths are adjusted to what a configuration accepts.
      (try? draft(choices, Self.oneToken)).flatMap { $0.lengths[.queryLength] == 1 ? $0 : nil }
    }
    if let plain = accepted([:]) { return plain }
    for (axis, option) in subject.options.enumerated() {
      for value in option.values.indices {
        if let found = accepted([axis: value]) { return found }
      }
    }
    return nil
  }

  private func everythingAway() throws -> Draft {
    var away = try draft([:], Self.lengths)
    for (axis, option) in subject.options.enumerated() {
      let last = option.values.indices.last { !isDefault($0, of: option) }
      guard let last,
        let next = try? draft(away.choices.merging([axis: last]) { $1 }, Self.lengths)
      else { continue }
      away = next
    }
    return away
  }

  // MARK: Configurations

  /// A configuration, lengths that fit it, and its claims for them.
  private struct Draft {
    let choices: [Int: Int]
    let config: JSON
    let lengths: Lengths
    let claims: Claims
    let signature: Signature
  }

  /// Required keys take their first value, others the chosen value or their default.
  private func draft(_ choices: [Int: Int], _ wanted: Lengths) throws -> Draft {
    var lengths = wanted
    for _ in 0..<4 {
      let config = try accepted(choices, lengths)
      let claims = try subject.claims(config, lengths)
      if ScenarioPlan().fit(&lengths, to: claims) {
        return Draft(
          choices: choices, config: config, lengths: lengths, claims: claims,
          signature: try subject.build(config, seed: 0).signature)
      }
    }
    throw KitError("\(subject.title): no lengths fit the options \(choices)")
  }

  /// The configuration, with a chosen number increased by one if that makes it valid.
  private func accepted(_ choices: [Int: Int], _ lengths: Lengths) throws -> JSON {
    let config = config(choices, lengths)
    do {
      _ = try subject.claims(config, lengths)
      return config
    } catch {
      for axis in choices.keys.sorted() {
        let option = subject.options[axis]
        guard let number = option.values[choices[axis] ?? 0].resolve(lengths).int else { continue }
        let moved = OptionAxis.setting(.integer(number + 1), at: option.path[...], in: config)
        if (try? subject.claims(moved, lengths)) != nil { return moved }
      }
      throw error
    }
  }

  private func config(_ choices: [Int: Int], _ lengths: Lengths) -> JSON {
    var config = OptionAxis.config(subject.entry, [], [:], lengths)
    for (axis, option) in subject.options.enumerated() {
      guard let value = choices[axis] ?? (isRequired(option) ? 0 : nil) else { continue }
      config = OptionAxis.setting(
        option.values[value].resolve(lengths), at: option.path[...], in: config)
    }
    return config
  }

  /// Whether the key has no default.
  private func isRequired(_ option: OptionAxis) -> Bool {
    var entry = subject.entry
    for key in option.path.dropLast() {
      guard let inner = entry.nested[key] else { return false }
      entry = inner
    }
    return entry.required.contains(option.path.last ?? "")
  }

  /// Whether a value is the one that is used without a choice.
  private func isDefault(_ value: Int, of option: OptionAxis) -> Bool {
    if isRequired(option) { return value == 0 }
    var sample: JSON? = subject.entry.sample
    for key in option.path { sample = sample?[key] }
    return option.values[value].resolve(Self.lengths) == (sample ?? .null)
  }

  // MARK: Tensors

  private func declare(
    _ draft: Draft, _ name: String, mask: MaskKind?, optional: Bool,
    forms: [String: [Signature.Axis]] = [:]
  ) throws -> DeclaredFixture {
    guard let definition = draft.claims.definition else {
      throw KitError("\(subject.title): \(draft.config) names no oracle")
    }
    let id = FixtureID(kind: subject.entry.kind, part: subject.entry.name, name: name)
    var inputs = try draft.signature.inputs.filter { optional || !$0.isOptional }.map { input in
      try Self.input(
        id, input, draft.lengths.shape(of: forms[input.name] ?? input.axes, draft.signature))
    }
    if let mask { inputs.append(try Self.mask(id, mask, draft)) }
    let seed = Self.seed(id, "parameters")
    let part = try subject.build(draft.config, seed: seed)
    let recipes = try part.parameters.map { key, value in
      let recipe = try TensorRecipe(
        shape: value.shape, element: .f32, fill: .uniform, seed: Self.seed(id, "param.\(key)"))
      return (key, recipe)
    }
    let source = try OracleSource(
      definition, in: subject.oracles, packages: subject.site.packages)
    return DeclaredFixture(
      id: id,
      scenario: Scenario(
        config: draft.config, lengths: draft.lengths, inputs: inputs, claims: draft.claims,
        parameterSeed: seed),
      parameters: Dictionary(recipes, uniquingKeysWith: { first, _ in first }),
      definition: definition, sourceHash: source.hash,
      exactArithmetic: try subject.oracles.oracle(definition.oracle).exactArithmetic)
  }

  private static func input(_ id: FixtureID, _ input: Signature.Input, _ shape: [Int]) throws
    -> Scenario.Input
  {
    switch input.element {
    case .floating:
      let seed = seed(id, "input.\(input.name)")
      let recipe = try TensorRecipe(shape: shape, element: .f32, fill: .normal, seed: seed)
      return Scenario.Input(name: input.name, recipe: recipe, element: .floating)
    case .index(let bound):
      let recipe = try TensorRecipe(shape: shape, fill: .iota)
      return Scenario.Input(name: input.name, recipe: recipe, element: .index(below: bound))
    }
  }

  private static func mask(_ id: FixtureID, _ kind: MaskKind, _ draft: Draft) throws
    -> Scenario.Input
  {
    let lengths = draft.lengths
    let pair = [lengths[.queryLength], lengths[.keyLength]]
    let rows: MaskRows = draft.claims.emptyRow == .throwing ? .neverEmpty : .oneEmpty
    func recipe(_ shape: [Int], _ pattern: MaskPattern, _ rows: MaskRows) throws -> TensorRecipe {
      try TensorRecipe(
        shape: shape, element: .boolean, fill: .mask(pattern, rows), seed: seed(id, "mask"))
    }
    switch kind {
    case .boolean2D:
      return Scenario.Input(
        name: "att_mask", recipe: try recipe(pair, .random(0.5), rows), element: .truth)
    case .boolean3D:
      let shape = [lengths[.batch]] + pair
      return Scenario.Input(
        name: "att_mask", recipe: try recipe(shape, .random(0.5), rows), element: .truth)
    case .keyPadding:
      let shape = [lengths[.batch], lengths[.keyLength]]
      return Scenario.Input(
        name: "key_padding_mask", recipe: try recipe(shape, .prefix, .neverEmpty), element: .truth)
    case .additive:
      let bias = try TensorRecipe(shape: pair, element: .f32, fill: .normal, seed: seed(id, "bias"))
      return Scenario.Input(
        name: "att_mask", recipe: try recipe(pair, .random(0.5), rows),
        element: .additive(bias: bias))
    }
  }

  /// 32 bits, so that recipes stay short.
  private static func seed(_ id: FixtureID, _ tensor: String) -> UInt64 {
    XXH3.hash64("\(id)/\(tensor)") & 0xFFFF_FFFF
  }

  /// A label as a file name: letters, digits, `_`, `.` and single hyphens; of a long one its beginning
  /// and a hash.
  private static func fileName(_ label: String) -> String {
    var text = label
    for (sign, word) in [
      (" - ", "-minus-"), (" + ", "-plus-"), (" / ", "-over-"), ("·", "-times-"),
    ] {
      text = text.replacing(sign, with: word)
    }
    let allowed = text.unicodeScalars.map { scalar -> Character in
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9" ~= scalar))
      return isPlain || scalar == "_" || scalar == "." ? Character(scalar) : "-"
    }
    let name = String(allowed).split(separator: "-").joined(separator: "-")
    guard name.count > 120 else { return name }
    return "\(name.prefix(60))-\(XXH3.hash64(name) & 0xFFFF_FFFF)"
  }
}
