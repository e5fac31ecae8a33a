/// How far a recorded constant may be off, relative: it may have been computed in single precision.
private let constantTolerance = 1e-6

extension Module {
  /// A parameter or buffer and its full key.
  struct NamedTensor {
    let key: String
    let identity: ObjectIdentifier
    let isParameter: Bool
    let isConstant: Bool
    let value: Tensor
    let replace: (Tensor) throws(TorchError) -> Void
  }

  /// Every parameter and buffer under its full key; a shared one appears under each of its keys.
  var namedTensors: [NamedTensor] { namedTensors(prefix: "") }

  private func namedTensors(prefix: String) -> [NamedTensor] {
    members.flatMap { key, member -> [NamedTensor] in
      switch member {
      case let module as Module: module.namedTensors(prefix: prefix + key + ".")
      case let parameter as Parameter:
        [
          NamedTensor(
            key: prefix + key, identity: ObjectIdentifier(parameter), isParameter: true,
            isConstant: false, value: parameter.value, replace: parameter.replace)
        ]
      case let buffer as Buffer:
        [
          NamedTensor(
            key: prefix + key, identity: ObjectIdentifier(buffer), isParameter: false,
            isConstant: buffer.isConstant, value: buffer.value, replace: buffer.replace)
        ]
      default: []
      }
    }
  }

  /// The parameters under their full keys; a shared one appears once, under its first key.
  public var parameters: [(key: String, value: Tensor)] {
    var seen: Set<ObjectIdentifier> = []
    return namedTensors.filter { $0.isParameter && seen.insert($0.identity).inserted }
      .map { ($0.key, $0.value) }
  }

  /// The parameters as objects, whose values may be replaced, under the same keys.
  var ownedParameters: [(key: String, parameter: Parameter)] {
    var seen: Set<ObjectIdentifier> = []
    return ownedParameters(prefix: "").filter {
      seen.insert(ObjectIdentifier($0.parameter)).inserted
    }
  }

  private func ownedParameters(prefix: String) -> [(key: String, parameter: Parameter)] {
    members.flatMap { key, member in
      (member as? Parameter).map { [(prefix + key, $0)] }
        ?? (member as? Module)?.ownedParameters(prefix: prefix + key + ".") ?? []
    }
  }

  /// The buffers under their full keys, and whether loading checks them instead of replacing them.
  public var buffers: [(key: String, value: Tensor, isConstant: Bool)] {
    namedTensors.filter { !$0.isParameter }.map { ($0.key, $0.value, $0.isConstant) }
  }

  /// The first parameter or buffer whose type is not the given one, constants excepted.
  package func tensor(otherThan dtype: DType) -> (key: String, dtype: DType)? {
    for (key, member) in members {
      switch member {
      case let parameter as Parameter where parameter.value.dtype != dtype:
        return (key, parameter.value.dtype)
      case let module as Module:
        if let found = module.tensor(otherThan: dtype) {
          return ("\(key).\(found.key)", found.dtype)
        }
      case let buffer as Buffer where !buffer.isConstant && buffer.value.dtype != dtype:
        return (key, buffer.value.dtype)
      default: continue
      }
    }
    return nil
  }

  /// The number of trained elements.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.value.count } }

  /// Parameters and buffers under their full keys; a shared one appears under each of its keys.
  public var stateDict: [String: Tensor] {
    Dictionary(namedTensors.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  /// The keys of the state, in the order of declaration.
  public var stateKeys: [String] { namedTensors.map(\.key) }

  /// The keys, in full, that this module and its submodules drop.
  private var allDeadKeys: [String] {
    deadKeys + children.flatMap { key, module in module.allDeadKeys.map { "\(key).\($0)" } }
  }

  /// The keys, in full, that the original does not save with the others of a module in a state.
  private func unsavedKeys(of state: [String: Tensor], prefix: String = "") -> Set<String> {
    let own = unsavedKeys
    let isInState = !own.isEmpty && stateKeys.contains { state[prefix + $0] != nil }
    return children.reduce(into: isInState ? Set(own.map { prefix + $0 }) : []) {
      $0.formUnion($1.module.unsavedKeys(of: state, prefix: prefix + $1.key + "."))
    }
  }

  /// Loads a checkpoint of the original zoo, whose keys and layout may differ.
  ///
  /// - Parameters:
  ///   - state: tensors under full keys.
  ///   - strict: whether missing and unexpected keys are errors.
  /// - Returns: what was loaded; what the original lacks keeps its value and counts as missing.
  /// - Throws: `StateError`, about the keys of this module, before anything is changed.
  @discardableResult
  public func load(original state: [String: Tensor], strict: Bool = true) throws -> LoadReport {
    try load(state, strict: strict, isOriginal: true)
  }

  /// Loads a state; the values are copied and converted to the types of the module.
  ///
  /// - Parameters:
  ///   - state: tensors under full keys; one key of a shared tensor suffices.
  ///   - strict: whether missing and unexpected keys are errors.
  /// - Returns: what was loaded, and what was not.
  /// - Throws: `StateError` with all problems before anything is changed. A state of which nothing
  ///   would be loaded is one, unless it is empty.
  @discardableResult
  public func load(_ state: [String: Tensor], strict: Bool = true) throws -> LoadReport {
    try load(state, strict: strict, isOriginal: false)
  }

  /// Loads a state.
  ///
  /// - `copies`: whether the tensors may be used elsewhere and must be copied.
  func load(_ given: [String: Tensor], strict: Bool, isOriginal: Bool, copies: Bool = true) throws
    -> LoadReport
  {
    let own = namedTensors
    let keys = own.map(\.key)
    var state = given
    if isOriginal {
      state = try converted(original: given)
      let unsaved = unsavedKeys(of: state)
      for entry in own where state[entry.key] == nil && unsaved.contains(entry.key) {
        state[entry.key] = try Tensor.zeros(entry.value.shape)
      }
    }
    var report = LoadReport()
    report.dropped = Set(allDeadKeys).intersection(state.keys).sorted()
    report.leftOver = Set(state.keys).subtracting(keys).subtracting(report.dropped).sorted()

    // A conversion may fill a gap of the original with what the module has.
    let givenTensors = Set(given.values.map { ObjectIdentifier($0) })
    var values: [ObjectIdentifier: (key: String, value: Tensor)] = [:]
    var seen: Set<ObjectIdentifier> = []
    let present = Set(own.filter { state[$0.key] != nil }.map(\.identity))
    var problems: [StateError] = []
    for entry in own {
      guard let value = state[entry.key] else {
        if !entry.isConstant, !present.contains(entry.identity),
          seen.insert(entry.identity).inserted
        {
          report.missing.append(entry.key)
          if strict { problems.append(.missing(key: entry.key)) }
        }
        continue
      }
      if value.shape != entry.value.shape {
        problems.append(.shape(key: entry.key, expected: entry.value.shape, got: value.shape))
      } else if !value.dtype.isFloating {
        problems.append(.dtype(key: entry.key, got: value.dtype))
      } else if entry.isConstant {
        let wide = try entry.value.to(.float64)
        let error = try (value.to(.float64) - wide).abs() - wide.abs() * constantTolerance
        if try !(error .<= 0).allTrue() { problems.append(.constant(key: entry.key)) }
      } else if let earlier = values[entry.identity] {
        if try !earlier.value.to(.float64).equals(value.to(.float64)).allTrue() {
          problems.append(.shared(key: earlier.key, other: entry.key))
        }
      } else if value === entry.value, !givenTensors.contains(ObjectIdentifier(value)) {
        report.missing.append(entry.key)
      } else {
        values[entry.identity] = (entry.key, value)
        report.loaded.append(entry.key)
      }
    }
    if strict {
      problems += report.leftOver.map { .unexpected(key: $0, known: keys) }
    } else if values.isEmpty, report.total > 0, !given.isEmpty, problems.isEmpty {
      problems.append(.nothing(of: report.total, keys: report.leftOver, known: keys))
    }
    if let error = StateError(problems) { throw error }
    for entry in own {
      guard let (key, value) = values[entry.identity], key == entry.key else { continue }
      let own = try value.detached().to(entry.value.dtype)
      try entry.replace(copies ? own.clone() : own)
    }
    return report
  }
}
