internal import JSON
internal import Oracles
internal import Parts
internal import Torch

extension Setting {
  /// The definition that the part claims.
  ///
  /// - Throws: `KitError` when it claims none; laws of a definition need one.
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

  /// The key of the part's state that plays a role in its definition.
  ///
  /// - Throws: `KitError` when none does.
  func key(of role: String) throws -> String {
    let definition = try definition
    guard let key = definition.parameters[role] else {
      throw KitError("the definition \(definition.oracle) names no parameter for `\(role)`")
    }
    return key
  }

  /// The key of the configuration that sets an option of the definition, usually its namesake.
  func key(setting option: String, to value: JSON) throws -> String? {
    let wanted = try definition
    return firstKey(option, value) { changed in
      guard changed.options[option] == value else { return false }
      var same = changed.options.object ?? [:]
      same[option] = wanted.options[option]
      return .object(same) == wanted.options && changed.parameters == wanted.parameters
    }
  }

  /// The key of the configuration without which the definition lacks a parameter.
  func key(withdrawing role: String) throws -> String? {
    let wanted = try definition
    var rest = wanted.parameters
    rest[role] = nil
    return firstKey(role, .null) { $0.options == wanted.options && $0.parameters == rest }
  }

  /// The first key, a namesake before others, with which the definition becomes what it should.
  private func firstKey(
    _ name: String, _ value: JSON, _ fits: (Definition) -> Bool
  ) -> String? {
    let keys = subject.entry.keys
    return (keys.filter { $0 == name } + keys.filter { $0 != name }).first { key in
      let config = OptionAxis.setting(value, at: [key], in: scenario.config)
      guard let changed = (try? subject.entry.claims(for: config))?.definition else { return false }
      return fits(changed)
    }
  }

  /// The part with another value of an option of its definition and the same parameters, or nil
  /// where its configuration cannot say so.
  func part(defining option: String, as value: JSON) throws -> (any PartModule)? {
    if try definition.options[option] == value { return try part() }
    guard let key = try key(setting: option, to: value) else { return nil }
    return try part([key: value])
  }

  /// The same with a whole number.
  func part(defining option: String, as value: Int) throws -> (any PartModule)? {
    try part(defining: option, as: .integer(value))
  }

  /// Full softmax attention by its scalar definition: oᵢ = Σⱼ softmaxⱼ(qᵢ·kⱼ/√D) vⱼ over the
  /// real j; tensors are named as in a call.
  func fullAttention(_ inputs: [String: Tensor]) throws -> Tensor {
    let values = try subject.oracles.oracle("scaled_dot_product")
      .evaluate(OracleCall(inputs: inputs.mapValues(Values.init)))
    return try Tensor(values.values, shape: values.shape)
  }
}

extension Need {
  /// The part approximates another definition, for these lengths.
  static let approximate = Need("exact") { $0.accuracy != .exact }
  /// The part is exact, for these lengths.
  static let exact = Need("approximate") { $0.accuracy == .exact }
  /// Values may have any width.
  static let freeValueWidth = Need("values as wide as keys") { $0.valueWidth == .free }

  /// An option of the definition has a certain value; it may have no key in the configuration.
  static func option(
    _ reason: String, _ name: String, _ holds: @escaping @Sendable (JSON?) -> Bool
  ) -> Need {
    Need(reason) { claims in claims.definition.map { holds($0.options[name]) } ?? false }
  }
}

extension Tensor {
  /// The folded form `[N, L, D]` of tokens with any leading axes.
  func folded() throws -> Tensor { try rank == 3 ? self : reshaped([-1, size(-2), size(-1)]) }

  /// For each folded item the marks of its item of the batch: Bool `[B, L]` → `[N, L]`.
  func marks(for items: Int) throws -> Tensor { try repeatInterleaved(items / size(0), 0) }

  /// Tokens `[N, L, D]` of which those without a mark in Bool `[N, L]` are 0.
  func keeping(_ marks: Tensor?) throws -> Tensor {
    guard let marks else { return self }
    return try filled(0, where: .!marks.unsqueezed(-1))
  }
}

extension [String: Tensor] {
  /// A tensor of the call.
  ///
  /// - Throws: `KitError` when there is none of the name.
  func tensor(_ name: String) throws -> Tensor {
    guard let tensor = self[name] else {
      throw KitError(
        "the scenario has no `\(name)`; it has \(keys.sorted().joined(separator: ", "))")
    }
    return tensor
  }
}
