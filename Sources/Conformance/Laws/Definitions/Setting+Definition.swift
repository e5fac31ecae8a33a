internal import JSON
internal import Oracles
internal import Parts
internal import Torch

extension Setting {
  /// The definition that the part claims.
  ///
  /// - Throws: `KitError` if it claims none; laws of a definition need one.
  var definition: Definition {
    get throws {
      guard let definition = claims.definition else {
        throw KitError("the part claims no definition")
      }
      return definition
    }
  }

  /// A whole number among the options of the definition.
  func option(_ name: String, default fallback: Int) throws -> Int {
    try definition.options[name]?.int ?? fallback
  }

  /// The state key with a role in the part's definition.
  ///
  /// - Throws: `KitError` if the definition does not name the role.
  func key(of role: String) throws -> String {
    let definition = try definition
    guard let key = definition.parameters[role] else {
      throw KitError("the definition \(definition.oracle) names no parameter for `\(role)`")
    }
    return key
  }

  /// The configuration key that holds an option of the definition unchanged, usually under the same
  /// name; nil if no key does.
  ///
  /// - Parameter value: another value of the option, which the configuration accepts.
  func key(setting option: String, to value: JSON) throws -> String? {
    let wanted = try definition.with([option: value])
    return keys(like: option).first { definition(with: $0, value) == wanted }
  }

  /// The configuration key that takes a value in place of one that gives an option of the definition.
  func key(of option: String, given value: JSON) throws -> String? {
    let wanted = try definition.without([option])
    return keys(like: option).first { definition(with: $0, value)?.without([option]) == wanted }
  }

  /// The configuration key whose removal withdraws a parameter from the definition.
  func key(withdrawing role: String) throws -> String? {
    var wanted = try definition
    wanted.parameters[role] = nil
    return keys(like: role).first { definition(with: $0, .null) == wanted }
  }

  /// The keys of the configuration, the one with the same name first.
  private func keys(like name: String) -> [String] {
    let keys = subject.entry.keys
    return keys.filter { $0 == name } + keys.filter { $0 != name }
  }

  /// What the part claims to compute with another value of a key.
  private func definition(with key: String, _ value: JSON, in config: JSON? = nil) -> Definition? {
    let changed = OptionAxis.setting(value, at: [key], in: config ?? scenario.config)
    return (try? subject.entry.claims(for: changed, in: subject.registry))?.definition
  }

  /// The part whose definition has other values of some options and is otherwise the same.
  ///
  /// Keys are not known by name: they are found by what the part claims with them, one for each
  /// option in turn.
  ///
  /// - Throws: `KitError` if no keys of the configuration give these options.
  func part(defining first: OptionChange, _ more: OptionChange...) throws -> any PartModule {
    let changes = [first] + more
    guard let config = try config(defining: changes) else {
      let what = changes.map { "`\($0.option)`: \($0.value)" }.joined(separator: " and ")
      throw KitError(
        "no keys of the configuration \(scenario.config) give the definition "
          + "\(try definition.oracle) \(what)")
    }
    return try part(in: config)
  }

  /// The matching configuration, or nil.
  func config(defining changes: [OptionChange]) throws -> JSON? {
    let old = try definition
    let wanted = old.with(
      Dictionary(changes.map { ($0.option, $0.value) }, uniquingKeysWith: { $1 }))
    if wanted == old { return scenario.config }
    var config = scenario.config
    for (index, change) in changes.enumerated() {
      // Options still to be set may have any value.
      let later = changes[(index + 1)...].map(\.option)
      let goal = wanted.without(later)
      search: for form in change.forms {
        for key in keys(like: change.option)
        where definition(with: key, form, in: config)?.without(later) == goal {
          config = OptionAxis.setting(form, at: [key], in: config)
          break search
        }
      }
    }
    return try subject.entry.claims(for: config, in: subject.registry).definition == wanted
      ? config : nil
  }

  /// Full softmax attention by its scalar definition: oᵢ = Σⱼ softmaxⱼ(qᵢ·kⱼ/√D) vⱼ over the
  /// real j; tensors are named as in a call.
  func fullAttention(_ inputs: [String: Tensor]) throws -> Tensor {
    let values = try subject.oracles.oracle("scaled_dot_product")
      .evaluate(OracleCall(inputs: inputs.mapValues(Values.init)))
    return try Tensor(values.values, shape: values.shape)
  }
}

/// Another value of an option of a definition.
struct OptionChange {
  let option: String
  let value: JSON
  /// The forms in which a configuration may write it.
  let forms: [JSON]

  /// - Parameter forms: other ways in which a configuration may write it.
  init(_ option: String, _ value: JSON, forms: [JSON] = []) {
    self.option = option
    self.value = value
    // A key may hold an equivalent number, such as half of a width.
    let others = value.int.map { 0...max(2 * min($0, 64), 0) + 3 }
    self.forms = [value] + forms + (others.map { $0.map { .integer($0) } } ?? [])
  }

  /// A whole number.
  init(_ option: String, _ value: Int) { self.init(option, .integer(value)) }
}

extension Definition {
  /// The definition with other values of some options.
  fileprivate func with(_ changes: [String: JSON]) -> Definition {
    var definition = self
    var options = options.object ?? [:]
    for (option, value) in changes { options[option] = value }
    definition.options = .object(options)
    return definition
  }

  /// The definition without some options.
  func without(_ names: some Collection<String>) -> Definition {
    var definition = self
    var options = options.object ?? [:]
    for name in names { options[name] = nil }
    definition.options = .object(options)
    return definition
  }
}

extension Claims {
  /// Whether the inverse that the part needs is approached in steps, and not exact; nil if it needs
  /// no inverse.
  var hasIterativeInverse: Bool? {
    guard accuracy != .exact, let options = definition?.options else { return nil }
    // Those of the attention, where it is dispatched.
    return (options["attention"] ?? options)["use_razavi_pinverse"]?.bool
  }
}

extension Need {
  /// The part approximates another definition at these lengths.
  static let approximate = Need("exact") { $0.accuracy != .exact }
  /// The part is exact at these lengths.
  static let exact = Need("approximate") { $0.accuracy == .exact }
  /// Values may have any width.
  static let freeValueWidth = Need(
    "values as wide as keys",
    Capability("claims.valueWidth = .free") {
      $0.valueWidth == .free
    } claim: {
      $0.valueWidth = .free
    })

  /// An option of the definition has a certain value; the configuration may have no key for it.
  static func option(
    _ reason: String, _ name: String, _ holds: @escaping @Sendable (JSON?) -> Bool
  ) -> Need {
    Need(reason) { claims in claims.definition.map { holds($0.options[name]) } ?? false }
  }
}

extension Tensor {
  /// The folded form `[N, L, D]` of tokens with any leading axes.
  func folded() throws -> Tensor { try rank == 3 ? self : reshaped([-1, size(-2), size(-1)]) }

  /// The marks of each folded item's batch item: Bool `[B, L]` → `[N, L]`.
  func marks(for items: Int) throws -> Tensor { try repeatInterleaved(items / size(0), 0) }

  /// Tokens `[N, L, D]`, with those unmarked in Bool `[N, L]` set to 0.
  func keeping(_ marks: Tensor?) throws -> Tensor {
    guard let marks else { return self }
    return try filled(0, where: .!marks.unsqueezed(-1))
  }
}

extension [String: Tensor] {
  /// A tensor of the call.
  ///
  /// - Throws: `KitError` if the call has no tensor of this name.
  func tensor(_ name: String) throws -> Tensor {
    guard let tensor = self[name] else {
      throw KitError(
        "the scenario has no `\(name)`; it has \(keys.sorted().joined(separator: ", "))")
    }
    return tensor
  }
}
