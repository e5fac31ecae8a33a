/// A state that does not fit a module.
public enum StateError: Error, Equatable, CustomStringConvertible {
  /// The state lacks a key of the module.
  case missing(key: String)
  /// The state has a key that the module does not have.
  case unexpected(key: String, known: [String])
  /// A tensor has another shape than the module's.
  case shape(key: String, expected: [Int], got: [Int])
  /// A tensor does not have a floating type.
  case dtype(key: String, got: DType)
  /// A value that the options determine is different.
  case constant(key: String)
  /// Two keys of one shared tensor have different values.
  case shared(key: String, other: String)

  /// The same error with other names for its keys.
  package func renamingKeys(_ name: (String) -> String) -> StateError {
    switch self {
    case .missing(let key): .missing(key: name(key))
    case .unexpected(let key, let known): .unexpected(key: name(key), known: known.map(name))
    case .shape(let key, let expected, let got):
      .shape(key: name(key), expected: expected, got: got)
    case .dtype(let key, let got): .dtype(key: name(key), got: got)
    case .constant(let key): .constant(key: name(key))
    case .shared(let key, let other): .shared(key: name(key), other: name(other))
    }
  }

  /// What is wrong, with the key.
  public var description: String {
    switch self {
    case .missing(let key): "parameter `\(key)` is missing"
    case .unexpected(let key, let known):
      "there is no parameter `\(key)`\(suggestion(key, known)) (parameters: "
        + "\(known.isEmpty ? "none" : known.joined(separator: ", ")))"
    case .shape(let key, let expected, let got):
      "parameter `\(key)` has the shape \(got), expected \(expected)"
    case .dtype(let key, let got): "parameter `\(key)` holds \(got), expected a floating type"
    case .constant(let key): "buffer `\(key)` does not have the value that the options determine"
    case .shared(let key, let other):
      "parameters `\(key)` and `\(other)` share one tensor, but their values differ"
    }
  }
}

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

  /// The buffers under their full keys, and whether loading checks them instead of replacing them.
  public var buffers: [(key: String, value: Tensor, isConstant: Bool)] {
    namedTensors.filter { !$0.isParameter }.map { ($0.key, $0.value, $0.isConstant) }
  }

  /// The first parameter or buffer whose type is not the given one, constants excepted.
  package func tensor(otherThan dtype: DType, prefix: String = "") -> (key: String, dtype: DType)? {
    for (key, member) in members {
      switch member {
      case let module as Module:
        if let found = module.tensor(otherThan: dtype, prefix: prefix + key + ".") { return found }
      case let parameter as Parameter where parameter.value.dtype != dtype:
        return (prefix + key, parameter.value.dtype)
      case let buffer as Buffer where !buffer.isConstant && buffer.value.dtype != dtype:
        return (prefix + key, buffer.value.dtype)
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

  /// The keys that this module and its submodules name, in full.
  private func all(_ keys: KeyPath<Module, [String]>) -> [String] {
    self[keyPath: keys]
      + children.flatMap { key, module in module.all(keys).map { "\(key).\($0)" } }
  }

  /// Loads a checkpoint of the original zoo, whose keys and layout may differ.
  ///
  /// - Returns: the keys that were dropped because they have no effect here.
  /// - Throws: `StateError`, about the keys of this module, before anything is changed.
  @discardableResult
  public func load(original state: [String: Tensor]) throws -> LoadReport {
    var state = try converted(original: state)
    let unsaved = all(\.unsavedKeys)
    for entry in namedTensors where state[entry.key] == nil && unsaved.contains(entry.key) {
      state[entry.key] = try Tensor.zeros(entry.value.shape)
    }
    return try load(state)
  }

  /// Loads a state; the values are copied and converted to the types of the module.
  ///
  /// - Parameters:
  ///   - state: tensors under full keys.
  ///   - strict: whether missing and unexpected keys are errors.
  /// - Returns: the keys that were dropped because they have no effect here.
  /// - Throws: `StateError` before anything is changed.
  @discardableResult
  public func load(_ state: [String: Tensor], strict: Bool = true) throws -> LoadReport {
    let own = namedTensors
    let dropped = Set(all(\.deadKeys)).intersection(state.keys)
    if strict {
      let known = dropped.union(own.map(\.key))
      if let key = state.keys.sorted().first(where: { !known.contains($0) }) {
        throw StateError.unexpected(key: key, known: own.map(\.key))
      }
    }
    var first: [ObjectIdentifier: (key: String, value: Tensor)] = [:]
    for entry in own {
      guard let value = state[entry.key] else {
        if strict, !entry.isConstant { throw StateError.missing(key: entry.key) }
        continue
      }
      guard value.shape == entry.value.shape else {
        throw StateError.shape(key: entry.key, expected: entry.value.shape, got: value.shape)
      }
      guard value.dtype.isFloating else {
        throw StateError.dtype(key: entry.key, got: value.dtype)
      }
      if entry.isConstant {
        let wide = try entry.value.to(.float64)
        let error = try (value.to(.float64) - wide).abs() - wide.abs() * constantTolerance
        guard try (error .<= 0).allTrue() else { throw StateError.constant(key: entry.key) }
      } else if let earlier = first[entry.identity] {
        guard try earlier.value.to(.float64).equals(value.to(.float64)).allTrue() else {
          throw StateError.shared(key: earlier.key, other: entry.key)
        }
      } else {
        first[entry.identity] = (entry.key, value)
      }
    }
    for entry in own where first[entry.identity]?.key == entry.key {
      guard let value = state[entry.key] else { continue }
      try entry.replace(value.detached().to(entry.value.dtype).clone())
    }
    return LoadReport(dropped: dropped.sorted())
  }
}
